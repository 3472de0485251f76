// Elements are made here, and nowhere from HTML: text is only ever textContent.
const W = {};
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  const fill = (node, props, children) => {
    for (const [name, value] of Object.entries(props || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name === "text") node.textContent = value;
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "css") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
      else if (name === "value") node.value = value;
      else node.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat(9)) {
      if (child !== null && child !== undefined && child !== false) node.append(child);
    }
    return node;
  };

  W.el = (tag, props, ...children) => fill(document.createElement(tag), props, children);
  W.svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);
  // put replaces what is inside a node; lists are flattened, what is false or null is left out.
  W.put = (node, ...children) => {
    node.replaceChildren();
    return fill(node, null, children);
  };
  W.byId = (id) => document.getElementById(id);
  W.rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
  W.colour = (name) =>
    getComputedStyle(document.documentElement)
      .getPropertyValue("--" + name)
      .trim();
  W.narrow = () => matchMedia("(max-width: 46rem)").matches;

  // say tells a screen reader something that is only seen otherwise.
  W.say = (text) => {
    W.byId("live").textContent = text;
  };

  // later runs f once after wait ms without another call.
  W.later = (f, wait) => {
    let timer;
    return (...args) => {
      clearTimeout(timer);
      timer = setTimeout(() => f(...args), wait);
    };
  };

  // perFrame runs f at most once per frame.
  W.perFrame = (f) => {
    let asked = false;
    return () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        f();
      });
    };
  };

  // icon is the shape of a level or side, so that colour never speaks alone.
  W.levelSign = { error: "▲", warning: "◆", note: "●" };
  W.level = (level) =>
    W.el(
      "span",
      { class: "level level-" + level },
      W.el("span", { "aria-hidden": "true", text: W.levelSign[level] + " " }),
      level,
    );
})();
