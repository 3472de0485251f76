// A list of which only the rows in sight are in the document. Rows have places: top(i) and height(i).
(() => {
  // box is the scrolling element, holder the tall element inside, source gives count, top(i), total and make(i).
  W.virtual = (box, holder, source) => {
    const shown = new Map();
    let most = 30000000; // browsers lose precision beyond
    const draw = () => {
      const above = holder.offsetTop,
        height = box.clientHeight;
      const begin = box.scrollTop - above,
        end = begin + height;
      const n = source.count();
      let low = 0,
        high = n;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (source.top(middle) + source.height(middle) < begin - 200) low = middle + 1;
        else high = middle;
      }
      const wanted = new Set();
      for (let i = low; i < n && source.top(i) < end + 200; i++) wanted.add(i);
      for (const [i, node] of shown) {
        if (!wanted.has(i)) {
          node.remove();
          shown.delete(i);
        }
      }
      for (const i of wanted) {
        if (shown.has(i)) continue;
        const node = source.make(i);
        node.style.top = source.top(i) + "px";
        shown.set(i, node);
        holder.append(node);
      }
    };
    const list = {
      draw,
      // reset forgets all rows: the source has changed.
      reset() {
        for (const node of shown.values()) node.remove();
        shown.clear();
        holder.style.height = Math.min(source.total(), most) + "px";
        draw();
      },
      row: (i) => shown.get(i),
      // reveal scrolls so that row i is in sight.
      reveal(i, middle) {
        const sticky = list.sticky || 0;
        const top = source.top(i) + holder.offsetTop,
          bottom = top + source.height(i);
        if (middle) box.scrollTop = top - box.clientHeight / 2;
        else if (top - sticky < box.scrollTop) box.scrollTop = top - sticky;
        else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
        draw();
      },
      sticky: 0,
    };
    box.addEventListener("scroll", W.perFrame(draw), { passive: true });
    new ResizeObserver(W.perFrame(draw)).observe(box);
    return list;
  };
})();
