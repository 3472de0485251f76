// Package html writes one HTML page that shows a capture: a file that opens from disk, needs no network and prints on
// A4.
//
// # Design
//
// [Page] is an event.Receiver. It collects a compact model, bounded by [Limits], and writes the page at the end. What
// does not fit is counted in density buckets, and the page says so.
//
// The page is a template, style sheets and scripts, each its own readable file under page/, joined by go:embed when
// the page is written. There is no bundler and no Node: each script file is a function that is called at once and adds
// its parts to one object, W. Rejected: esbuild's Go API, because joining a dozen files needs no compiler; a chart
// library, because the few charts here are simple SVG and every library is code that reads hostile data.
//
// The data are JSON and the raw octets of payloads, each compressed with gzip, in base64, in script elements of the
// type application/octet-stream, which browsers do not run. The page decodes the payloads only when somebody looks at
// one.
//
// Everything from the wire is hostile. Strings in the model pass report.Sanitise here; payloads are escaped by
// page/js/wire.js. The scripts make elements and set textContent, never HTML. The page's Content-Security-Policy
// allows exactly its own scripts and styles, by hash, and no network; require-trusted-types-for makes browsers refuse
// HTML made from strings.
package html
