// The HTML report's sorting, filtering, details of a row, and theme. The page reads without it.
// Numbers come from the JSON block #data (host/report/html_data.c says what stands where); names go
// into the page as text, never as markup.
"use strict";
(() => {
  const STEP = 250; // rows shown at first, and with every "more"
  const byId = (id) => document.getElementById(id);
  const make = (name, text, attributes) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  };

  // --- theme ---------------------------------------------------------------------------------
  const root = document.documentElement;
  const store = {
    get() {
      try {
        return localStorage.getItem("dissensus-theme") || "";
      } catch {
        return ""; // a browser may refuse storage to a file
      }
    },
    set(value) {
      try {
        localStorage.setItem("dissensus-theme", value);
      } catch {
        // then it is not remembered
      }
    },
  };
  const theme = byId("theme");
  const setTheme = (value) => {
    if (value === "light" || value === "dark") root.dataset.theme = value;
    else delete root.dataset.theme;
  };
  theme.value = store.get();
  if (theme.selectedIndex < 0) theme.value = "";
  setTheme(theme.value);
  theme.addEventListener("change", () => {
    setTheme(theme.value);
    store.set(theme.value);
  });
  theme.parentElement.hidden = false;

  // --- the text for a paper ------------------------------------------------------------------
  const copy = byId("copy");
  if (copy) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      const text = byId("paper");
      try {
        await navigator.clipboard.writeText(text.innerText);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(text);
        copy.textContent = "Selected: copy it with your keyboard";
      }
    });
  }

  // --- the table -----------------------------------------------------------------------------
  const block = byId("data");
  if (!block) return;
  const data = JSON.parse(block.textContent);
  const tables = [...document.querySelectorAll("table.grasp")].map((table, part) => ({
    table,
    part,
    body: table.tBodies[0],
    rows: [...table.tBodies[0].rows],
    heads: [...table.tHead.rows[0].cells],
    order: null,
    sorted: null,
    open: new Map(),
  }));
  const rows = data.rows;
  const text = tables[0].rows.map((row) => row.textContent.toLowerCase());
  const names = tables[0].rows.map((row) => row.cells[0].textContent);
  const all = rows.map((_, i) => i);
  const chosen = tables.map((t) => data.parts[t.part].lead);
  let matching = all;
  let limit = STEP;

  const short = (x) => (x === null ? "\u2013" : Number(x.toPrecision(3)).toString());
  const fixed = (x) =>
    x === null ? "\u2013" : Math.abs(x) < 1e6 ? x.toFixed(3).replace(/^-(0\.0*)$/, "$1") : x.toPrecision(4);
  const digits = (x) => (x === null ? "\u2013" : String(Number(x.toPrecision(4))));
  const percent = (x) => (x === null ? "\u2013" : (100 * x).toPrecision(3).replace(/\.?0+$/, "") + "%");
  const count = (x) => (x === null ? "\u2013" : String(x));

  // What a column sorts by, of row i.
  const collator = new Intl.Collator(undefined, { numeric: true });
  const key = (t, column, i) => {
    const row = rows[i];
    if (column === "group") return names[i];
    if (column === "axis") return data.axes[row[1]];
    if (column === "question") return data.questions[row[0]];
    if (column === "raters") return row[2];
    if (column === "ratings") return row[3];
    if (column === "p") return row[4][chosen[t.part]][1];
    if (column === "q") return row[4][chosen[t.part]][2];
    return row[4][Number(column)][0];
  };
  const sortRows = (t) => {
    t.order = all.slice();
    if (!t.sorted) return;
    const { column, down } = t.sorted;
    const keys = all.map((i) => key(t, column, i));
    t.order.sort((a, b) => {
      const x = keys[a];
      const y = keys[b];
      if (x === null || y === null) return (x === null) - (y === null) || a - b; // undefined: last
      const by = typeof x === "string" ? collator.compare(x, y) : x - y;
      return (down ? -by : by) || a - b;
    });
  };

  // Puts the rows of a table in order and shows those that match, up to the limit.
  const lay = (t) => {
    const shown = new Set(matching);
    const fragment = document.createDocumentFragment();
    let n = 0;
    for (const i of t.order) {
      const row = t.rows[i];
      const hit = shown.has(i);
      row.hidden = !hit;
      row.classList.toggle("beyond", hit && n >= limit);
      fragment.append(row);
      const details = t.open.get(i);
      if (details) {
        details.hidden = !hit;
        details.classList.toggle("beyond", hit && n >= limit);
        fragment.append(details);
      }
      n += hit;
    }
    t.body.append(fragment);
  };
  const tell = () => {
    const n = Math.min(limit, matching.length);
    const sorted = tables.find((t) => t.sorted);
    let line = `${n} of ${rows.length} row${rows.length === 1 ? "" : "s"} shown`;
    if (matching.length < rows.length) line += `; ${matching.length} match${matching.length === 1 ? "es" : ""}`;
    if (sorted) line += `; sorted by ${sorted.sorted.title}, ${sorted.sorted.down ? "descending" : "ascending"}`;
    byId("rows").textContent = line + ".";
    const further = byId("further");
    further.hidden = matching.length <= limit;
    further.textContent = `Show ${Math.min(STEP, matching.length - limit)} more rows`;
  };
  const refresh = () => {
    tables.forEach(lay);
    tell();
  };

  // --- sorting -------------------------------------------------------------------------------
  for (const t of tables) {
    sortRows(t);
    for (const head of t.heads) {
      const button = make("button", head.textContent, { type: "button" });
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const column = head.dataset.key;
        const now = t.sorted && t.sorted.column === column ? t.sorted : null;
        t.sorted = !now ? { column, down: false } : now.down ? null : { column, down: true };
        if (t.sorted) t.sorted.title = button.textContent;
        for (const other of t.heads) other.setAttribute("aria-sort", "none");
        if (t.sorted) head.setAttribute("aria-sort", t.sorted.down ? "descending" : "ascending");
        for (const other of tables) {
          if (other === t) continue;
          other.sorted = null; // one order at a time is told
          for (const h of other.heads) h.setAttribute("aria-sort", "none");
          sortRows(other);
        }
        sortRows(t);
        refresh();
      });
    }
  }

  // --- filters -------------------------------------------------------------------------------
  const inputs = ["search", "question", "axis", "marks"].map((name) => byId("filter-" + name));
  const [search, question, axis, marks] = inputs;
  const fill = (select, list) => {
    list.forEach((name, i) => select.append(make("option", name, { value: String(i) })));
    select.parentElement.hidden = list.length < 2;
  };
  fill(question, data.questions);
  fill(axis, data.axes);
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const least = Number(marks.value);
    matching = all.filter((i) => {
      const row = rows[i];
      return (
        (question.value === "" || row[0] === Number(question.value)) &&
        (axis.value === "" || row[1] === Number(axis.value)) &&
        (least === 0 || row[4].some((cell) => cell[3] >= least)) &&
        words.every((word) => text[i].includes(word))
      );
    });
    limit = STEP;
    refresh();
  };
  for (const input of inputs) input.addEventListener("input", filter);
  byId("reset").addEventListener("click", () => {
    for (const input of inputs) input.value = input === marks ? "0" : "";
    for (const t of tables) {
      t.sorted = null;
      for (const head of t.heads) head.setAttribute("aria-sort", "none");
      sortRows(t);
    }
    filter();
  });
  byId("further").addEventListener("click", () => {
    limit += STEP;
    refresh();
  });

  // --- whose p and q stand beside the rows -----------------------------------------------------
  const whose = byId("whose");
  data.parts.forEach((part) => {
    for (const s of part.columns) whose.append(make("option", data.statistics[s].title, { value: String(s) }));
  });
  whose.value = String(chosen[0]);
  whose.parentElement.hidden = data.statistics.length < 2;
  const nameColumns = (t) => {
    for (const head of t.heads)
      if (head.dataset.key === "p" || head.dataset.key === "q")
        head.firstChild.textContent = `${head.dataset.key} (${data.statistics[chosen[t.part]].title})`;
  };
  whose.addEventListener("change", () => {
    const s = Number(whose.value);
    for (const t of tables) {
      if (!data.parts[t.part].columns.includes(s)) continue;
      chosen[t.part] = s;
      nameColumns(t);
      const n = t.heads.length;
      t.rows.forEach((row, i) => {
        row.cells[n - 2].textContent = short(rows[i][4][s][1]);
        row.cells[n - 1].textContent = short(rows[i][4][s][2]);
      });
      sortRows(t);
    }
    refresh();
  });

  // --- details of a row ------------------------------------------------------------------------
  const COLUMNS = [
    ["Estimate", (c) => (c[0] === null ? "\u2013 " + data.reasons[c[4]] : fixed(c[0]))],
    ["95% interval", (c) => c[20] || "\u2013"],
    ["Standard error", (c) => fixed(c[21])],
    ["Null mean", (c) => fixed(c[5])],
    ["Null SD", (c) => fixed(c[6])],
    ["z", (c) => (c[7] === null ? "\u2013" : c[7].toFixed(2))],
    ["Resamples", (c) => count(c[8])],
    ["Undefined", (c) => (c[8] ? percent(c[9] / c[8]) : "\u2013")],
    ["p", (c) => short(c[1])],
    ["Monte-Carlo interval of p", (c) => (c[10] === null ? "\u2013" : `${short(c[10])} to ${short(c[11])}`)],
    ["p of the fitted tail", (c) => (c[12] === null ? "\u2013" : `${short(c[12])} (${short(c[13])} to ${short(c[14])})`)],
    ["q (BH)", (c) => short(c[2])],
    ["Holm", (c) => short(c[15])],
    ["Bonferroni", (c) => short(c[16])],
    ["maxT", (c) => short(c[17])],
    ["p as in GRASP", (c) => short(c[18])],
  ];
  const FACTS = [
    ["Items that the group rated", count],
    ["Items in IRR", count],
    ["Items in XRR", count],
    ["Ratings in IRR", count],
    ["Equal pairs of ratings", percent],
    ["Observed disagreement, IRR", digits],
    ["Expected disagreement, IRR", digits],
    ["Observed disagreement, XRR", digits],
    ["Expected disagreement, XRR", digits],
    ["Resamples with XRR \u2264 0", percent],
    ["Items in voting agreement", count],
    ["of these with a tie", count],
  ];
  const describe = (i) => {
    const [q, , , , cells, facts, fieller, marginals] = rows[i];
    const inner = make("div", undefined, { class: "inner" });
    const table = make("table");
    table.append(make("caption", "Every statistic of " + names[i]));
    const used = COLUMNS.filter(([, show]) => cells.some((c) => show(c) !== "\u2013"));
    const head = table.createTHead().insertRow();
    head.append(make("th", "", { scope: "col", class: "t" }));
    for (const statistic of data.statistics) head.append(make("th", statistic.title, { scope: "col" }));
    const body = table.createTBody();
    for (const [title, show] of used) {
      const row = body.insertRow();
      row.append(make("th", title, { scope: "row" }));
      for (const c of cells) row.append(make("td", show(c)));
    }
    const list = make("dl", undefined, { class: "facts" });
    const fact = (term, value) => {
      const pair = make("div");
      pair.append(make("dt", term), make("dd", value));
      list.append(pair);
    };
    facts.forEach((value, at) => {
      if (value !== null) fact(FACTS[at][0], FACTS[at][1](value));
    });
    if (fieller) fact("GAI, Fieller's set", fieller);
    marginals.forEach((n, level) => fact(`Ratings in IRR at \u201c${data.levels[q][level]}\u201d`, String(n)));
    inner.append(table, list);
    const cell = make("td", undefined, { colspan: String(tables[0].heads.length) });
    cell.append(inner);
    const row = make("tr", undefined, { class: "details" });
    row.append(cell);
    return row;
  };
  if (data.details) {
    tables[0].table.classList.add("opens");
    tables[0].rows.forEach((row, i) => {
      const button = make("button", "+", {
        type: "button",
        class: "more",
        "aria-expanded": "false",
        "aria-label": "Details of " + names[i],
      });
      row.cells[0].prepend(button);
    });
  }
  const toggle = (button) => {
    const t = tables[0];
    const row = button.closest("tr");
    const i = t.rows.indexOf(row);
    const there = t.open.get(i);
    if (there) {
      there.remove();
      t.open.delete(i);
    } else {
      const details = describe(i);
      row.after(details);
      t.open.set(i, details);
    }
    button.setAttribute("aria-expanded", String(!there));
    button.textContent = there ? "+" : "\u2212";
  };
  tables[0].body.addEventListener("click", (event) => {
    const button = event.target.closest("button.more");
    if (button) toggle(button);
  });

  byId("still").hidden = true;
  byId("controls").hidden = false;
  refresh();
})();
