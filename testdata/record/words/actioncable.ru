# An Action Cable server without Rails: /cable on port 8080. A user who is refused is told so; of two channels one takes
# nobody. What it sends is its own account, in $said.
require 'action_cable'
require 'json'

ACCOUNT = lambda do |words|
  File.open(ENV.fetch('said'), 'a') { |f| f.puts(JSON.generate({ from: 'server' }.merge(words))) }
end

ActionCable.server.config.logger = Logger.new(File::NULL)
ActionCable.server.config.cable = { 'adapter' => 'async' }
ActionCable.server.config.disable_request_forgery_protection = true

class Connection < ActionCable::Connection::Base
  def connect
    reject_unauthorized_connection if request.params['token'] == 'wrong'
  end

  # every message that the server sends passes here
  def transmit(cable_message)
    message = cable_message.stringify_keys
    channel = message['identifier'] && JSON.parse(message['identifier'])['channel']
    kind = message['type'] || 'message'
    ACCOUNT.call({ type: kind.to_s, name: channel, error: message['reason'] }.compact) unless kind == 'ping'
    super
  end
end
ActionCable.server.config.connection_class = -> { Connection }

class ChatChannel < ActionCable::Channel::Base
  def subscribed
    stream_from 'chat'
  end

  def speak(data)
    ActionCable.server.broadcast('chat', { text: data['text'] })
  end
end

class SecretChannel < ActionCable::Channel::Base
  def subscribed
    reject
  end
end

run ActionCable.server
