// Sorting and filtering of the table of an evaluation. The page reads without it. What a column
// sorts by is a cell's data-v, or its text.
"use strict";
(() => {
  const STEP = 250; // rows shown at first, and with every "more"
  const byId = (id) => document.getElementById(id);
  const table = byId("all-rows");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const text = rows.map((row) => row.textContent.toLowerCase());
  const all = rows.map((_, i) => i);
  let order = all;
  let sorted = null;
  let matching = new Set(all);
  let limit = STEP;

  const collator = new Intl.Collator(undefined, { numeric: true });
  const key = (column, i) => {
    const cell = rows[i].cells[column];
    if (cell.dataset.v === undefined) return cell.textContent === "" ? null : cell.textContent;
    return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  };
  const sortRows = () => {
    order = all.slice();
    if (!sorted) return;
    const keys = all.map((i) => key(sorted.column, i));
    order.sort((a, b) => {
      const x = keys[a];
      const y = keys[b];
      if (x === null || y === null) return (x === null) - (y === null) || a - b; // undefined: last
      const by = typeof x === "string" ? collator.compare(x, y) : x - y;
      return (sorted.down ? -by : by) || a - b;
    });
  };
  const refresh = () => {
    const fragment = document.createDocumentFragment();
    let n = 0;
    for (const i of order) {
      const hit = matching.has(i);
      rows[i].hidden = !hit;
      rows[i].classList.toggle("beyond", hit && n >= limit);
      fragment.append(rows[i]);
      n += hit;
    }
    body.append(fragment);
    let line = `${Math.min(limit, n)} of ${rows.length} row${rows.length === 1 ? "" : "s"} shown`;
    if (n < rows.length) line += `; ${n} match${n === 1 ? "es" : ""}`;
    if (sorted) line += `; sorted by ${sorted.title}, ${sorted.down ? "descending" : "ascending"}`;
    byId("rows").textContent = line + ".";
    const further = byId("further");
    further.hidden = n <= limit;
    further.textContent = `Show ${Math.min(STEP, n - limit)} more rows`;
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const now = sorted && sorted.column === column ? sorted : null;
      sorted = !now ? { column, down: false } : now.down ? null : { column, down: true };
      if (sorted) sorted.title = button.textContent;
      for (const other of heads) other.setAttribute("aria-sort", "none");
      if (sorted) head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      sortRows();
      refresh();
    });
  });

  const search = byId("filter-search");
  const marks = byId("filter-marks");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const least = Number(marks.value);
    matching = new Set(
      all.filter((i) => Number(rows[i].dataset.marks) >= least && words.every((word) => text[i].includes(word))),
    );
    limit = STEP;
    refresh();
  };
  search.addEventListener("input", filter);
  marks.addEventListener("input", filter);
  byId("reset").addEventListener("click", () => {
    search.value = "";
    marks.value = "0";
    sorted = null;
    for (const head of heads) head.setAttribute("aria-sort", "none");
    sortRows();
    filter();
  });
  byId("further").addEventListener("click", () => {
    limit += STEP;
    refresh();
  });
  byId("still").hidden = true;
  byId("controls").hidden = false;
  refresh();
})();
