"use strict";
// All text comes into the page as text (textContent), never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const { teams, accounts, roles } = data;
const by = (id) => document.getElementById(id);
const scroll = by("scroll");
const ROW = 34;
const TOP = 48;
const wide = () => (innerWidth > 900 ? { first: 270, column: 160 } : { first: 150, column: 120 });

// cells[team] is a map from an account to what the team has there: roles with the lines that grant.
const cells = teams.map((team) => new Map(team.reach.map(([account, list]) => [account, list])));
const state = { list: false, swapped: accounts.length > Math.max(12, teams.length), at: [0, 0], shown: null };
let view = { teams: [], accounts: [], rows: [] };

const make = (name, text, attributes) => {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  return element;
};

// What a team has in an account, as far as the filters let it through.
const found = (team, account) => {
  const role = by("role").value;
  const list = cells[team].get(account) || [];
  return role === "" ? list : list.filter(([index]) => roles[index].name === role);
};
const own = (account) => accounts[account].hub && by("role").value === "";
const label = (team, account) => {
  const names = found(team, account).map(([index]) => roles[index].name);
  if (own(account)) names.unshift(["hub", ...teams[team].policies].join(" "));
  return names.join(", ");
};

const text = (value) => value.trim().toLowerCase();
const filter = () => {
  const team = text(by("team").value);
  const account = text(by("account").value);
  const role = by("role").value;
  const all = (list) => list.map((_, index) => index);
  let t = all(teams).filter((i) => `${teams[i].name}\n${teams[i].group}`.toLowerCase().includes(team));
  let a = all(accounts).filter((i) => accounts[i].search.toLowerCase().includes(account));
  const has = (team, account) => own(account) || found(team, account).length > 0;
  if (account || role) t = t.filter((team) => a.some((account) => has(team, account)));
  if (team || role) a = a.filter((account) => t.some((team) => has(team, account)));
  const rows = [];
  let grants = 0;
  for (const team of t) {
    for (const account of a) {
      if (own(account)) rows.push([team, account, null, []]);
      for (const [index, lines] of found(team, account)) {
        rows.push([team, account, index, lines]);
        grants += 1;
      }
    }
  }
  view = { teams: t, accounts: a, rows };
  const many = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  by("count").textContent =
    `${many(t.length, "team")}, ${many(a.length, "account")}, ${many(grants, "role")} reached`;
  state.at = [0, 0];
  scroll.scrollTo(0, 0);
  draw();
};

const shape = () => {
  if (state.list) return { rows: view.rows.length, columns: HEADS.length };
  const [down, across] = axes();
  return { rows: down.length, columns: across.length };
};
const axes = () => (state.swapped ? [view.accounts, view.teams] : [view.teams, view.accounts]);
const HEADS = ["Team", "Okta group", "Account", "Account id", "Role", "IAM role", "Policies", "Session", "Granted at"];
const WIDTHS = [140, 160, 150, 130, 120, 330, 260, 95, 190];

const arn = (account, name) =>
  `arn:${accounts[account].partition}:iam::${accounts[account].id}:role/${name}`;
const places = (lines) => lines.map((line) => `${data.file}:${line}`).join(", ");
const may = (team) => {
  const own = team.statements;
  return [...team.policies, ...(own ? [`${own} own statement${own === 1 ? "" : "s"}`] : [])].join(", ");
};
const fields = ([team, account, role, lines]) => {
  const t = teams[team];
  const start = [t.name, t.group, accounts[account].name, accounts[account].id];
  if (role === null) {
    return [...start, "hub", arn(account, t.hubRole), may(t), data.session, places([t.line])];
  }
  const r = roles[role];
  return [...start, r.name, arn(account, r.iam), r.policies.join(", "), r.session, places(lines)];
};

const head = (account, team) => {
  const th = make("th", account === null ? teams[team].name : accounts[account].name);
  const more = account === null ? teams[team].group : accounts[account].id;
  th.append(make("small", more));
  th.title = account === null ? `Okta group ${more}` : accounts[account].search.replaceAll("\n", " · ");
  return th;
};
const space = (name, size, side) => {
  const element = make(name, null, { class: "space", "aria-hidden": "true" });
  element.style[side] = `${size}px`;
  return element;
};

const window_ = (offset, size, step, count) => {
  const from = Math.max(0, Math.floor(offset / step) - 4);
  return [from, Math.min(count, Math.ceil((offset + size) / step) + 4)];
};

const draw = () => {
  const { rows, columns } = shape();
  const focused = scroll.contains(document.activeElement) && document.activeElement !== scroll;
  if (rows === 0 || columns === 0) {
    scroll.style.height = "auto";
    scroll.replaceChildren(make("p", "Nothing here has access that the filters let through.", { class: "none" }));
    return;
  }
  // As tall as it has to be, and no taller than what is free of the window.
  const room = Math.max(260, innerHeight - 190);
  scroll.style.height = `${Math.min(room, TOP + rows * ROW + 18)}px`;
  const { first, column } = wide();
  const [r0, r1] = window_(scroll.scrollTop, scroll.clientHeight, ROW, rows);
  const [c0, c1] = state.list ? [0, columns] : window_(scroll.scrollLeft, scroll.clientWidth, column, columns);
  const table = make("table", null, {
    role: "grid", "aria-rowcount": rows + 1, "aria-colcount": state.list ? columns : columns + 1,
    "aria-label": state.list ? "Access, one role a line" : "Access by team and account",
  });
  const total = state.list ? WIDTHS.reduce((sum, width) => sum + width) : first + columns * column;
  table.style.width = `${total}px`;
  const [down, across] = axes();
  const thead = make("thead");
  const top = make("tr", null, { "aria-rowindex": 1 });
  if (state.list) {
    HEADS.forEach((name, index) => {
      const th = make("th", name, { scope: "col" });
      th.style.width = `${WIDTHS[index]}px`;
      top.append(th);
    });
  } else {
    const corner = make("th", state.swapped ? "account \\ team" : "team \\ account", { class: "corner" });
    corner.style.width = `${first}px`;
    top.append(corner, space("th", c0 * column, "width"));
    for (let c = c0; c < c1; c += 1) {
      const th = state.swapped ? head(null, across[c]) : head(across[c], null);
      th.scope = "col";
      th.setAttribute("aria-colindex", c + 2);
      th.style.width = `${column}px`;
      top.append(th);
    }
    top.append(space("th", (columns - c1) * column, "width"));
  }
  thead.append(top);
  const tbody = make("tbody");
  const gap = (count) => {
    const tr = make("tr", null, { class: "space", "aria-hidden": "true" });
    const td = space("td", count * ROW, "height");
    td.colSpan = c1 - c0 + 3;
    tr.append(td);
    return tr;
  };
  if (r0 > 0) tbody.append(gap(r0));
  for (let r = r0; r < r1; r += 1) {
    const tr = make("tr", null, { "aria-rowindex": r + 2 });
    if (!state.list) {
      const th = state.swapped ? head(down[r], null) : head(null, down[r]);
      th.scope = "row";
      tr.append(th, make("td", null, { class: "space", "aria-hidden": "true" }));
    }
    const line = state.list ? fields(view.rows[r]) : null;
    for (let c = c0; c < c1; c += 1) tr.append(cell(r, c, line));
    if (!state.list) tr.append(make("td", null, { class: "space", "aria-hidden": "true" }));
    tbody.append(tr);
  }
  if (r1 < rows) tbody.append(gap(rows - r1));
  table.append(thead, tbody);
  scroll.replaceChildren(table);
  const active = scroll.querySelector('td[tabindex="0"]');
  if (focused && active) active.focus({ preventScroll: true });
  else if (focused) scroll.focus({ preventScroll: true });
  // The matrix can be reached by Tab even where its active cell is out of sight.
  scroll.tabIndex = active ? -1 : 0;
};

const spot = (r, c) => {
  if (state.list) return [view.rows[r][0], view.rows[r][1]];
  const [down, across] = axes();
  return state.swapped ? [across[c], down[r]] : [down[r], across[c]];
};

const cell = (r, c, line) => {
  const [team, account] = spot(r, c);
  const what = line ? line[c] : label(team, account);
  const td = make("td", what, { role: "gridcell", "data-r": r, "data-c": c });
  if (!line) {
    td.setAttribute("aria-colindex", c + 2);
    if (found(team, account).length > 0) td.className = "has";
    else if (own(account)) td.className = "own";
  }
  td.title = what;
  td.tabIndex = state.at[0] === r && state.at[1] === c ? 0 : -1;
  const shown = state.shown && state.shown[0] === team && state.shown[1] === account;
  td.setAttribute("aria-selected", String(Boolean(shown)));
  return td;
};

const go = (r, c) => {
  const { rows, columns } = shape();
  if (rows === 0 || columns === 0) return;
  state.at = [Math.min(rows - 1, Math.max(0, r)), Math.min(columns - 1, Math.max(0, c))];
  const { first, column } = wide();
  const [y, x] = [state.at[0] * ROW, state.list ? 0 : state.at[1] * column];
  if (y < scroll.scrollTop) scroll.scrollTop = y;
  const low = y + ROW + TOP;
  if (low > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = low - scroll.clientHeight;
  if (!state.list) {
    if (x < scroll.scrollLeft) scroll.scrollLeft = x;
    const end = x + first + column;
    if (end > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = end - scroll.clientWidth;
  }
  draw();
  const active = scroll.querySelector('td[tabindex="0"]');
  if (active) active.focus({ preventScroll: !state.list });
};

const show = (team, account) => {
  state.shown = [team, account];
  const box = by("details");
  const t = teams[team];
  const a = accounts[account];
  const facts = (pairs) => {
    const list = make("dl");
    for (const [key, value] of pairs) if (value) list.append(make("dt", key), make("dd", value));
    return list;
  };
  const tags = Object.entries(a.tags).map(([key, value]) => `${key} = ${value}`).join(", ");
  const close = make("button", "Close", { type: "button", id: "close" });
  close.addEventListener("click", hide);
  box.replaceChildren(
    close,
    make("h3", `${t.name} in ${a.name}`),
    facts([["Okta group", t.group], ["Hub role", data.hub + t.hubRole], ["Account", a.id], ["Region", a.region], ["Partition", a.partition], ["Tags", tags]]),
  );
  const list = found(team, account);
  for (const [index, lines] of list) {
    const r = roles[index];
    box.append(make("h3", r.name), facts([["Role", arn(account, r.iam)], ["Policies", r.policies.join(", ")], ["Session", r.session], ["Granted at", places(lines)]]));
  }
  if (own(account)) {
    box.append(make("h3", "hub"), facts([["May do here", may(t) || "nothing but go on from here"], ["Said at", places([t.line])]]));
  } else if (list.length === 0) {
    box.append(make("p", "No access.", { class: "note" }));
  }
  box.hidden = false;
  draw();
};
const hide = () => {
  state.shown = null;
  by("details").hidden = true;
  draw();
  go(...state.at);
};

roles.forEach((role) => by("role").append(make("option", role.name, { value: role.name })));
for (const id of ["team", "account", "role"]) by(id).addEventListener("input", filter);
by("filters").addEventListener("submit", (event) => event.preventDefault());
by("filters").addEventListener("reset", () => setTimeout(filter));
by("list").addEventListener("click", () => {
  state.list = !state.list;
  by("list").setAttribute("aria-pressed", state.list);
  by("swap").disabled = state.list;
  filter();
});
by("swap").addEventListener("click", () => {
  state.swapped = !state.swapped;
  filter();
});

let waiting = false;
const soon = () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
};
scroll.addEventListener("scroll", soon, { passive: true });
addEventListener("resize", soon);
scroll.addEventListener("click", (event) => {
  const td = event.target.closest("td[data-r]");
  if (!td) return;
  const [r, c] = [Number(td.dataset.r), Number(td.dataset.c)];
  go(r, c);
  show(...spot(r, c));
});
scroll.addEventListener("focus", (event) => { if (event.target === scroll) go(...state.at); });
scroll.addEventListener("keydown", (event) => {
  const [r, c] = state.at;
  const { rows, columns } = shape();
  const page = Math.max(1, Math.floor(scroll.clientHeight / ROW) - 2);
  const far = event.ctrlKey || event.metaKey;
  const moves = {
    ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
    PageUp: [r - page, c], PageDown: [r + page, c],
    Home: [far ? 0 : r, 0], End: [far ? rows - 1 : r, columns - 1],
  };
  if (moves[event.key]) {
    event.preventDefault();
    go(...moves[event.key]);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (rows > 0 && columns > 0) show(...spot(r, c));
  }
});
addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing) {
    event.preventDefault();
    by("team").focus();
  } else if (event.key === "Escape" && !by("details").hidden) {
    hide();
  }
});

// On paper there is no scrolling: what the filters let through, one role a line.
addEventListener("beforeprint", () => {
  const table = make("table");
  const row = (name, texts) => {
    const tr = make("tr");
    for (const value of texts) tr.append(make(name, value));
    return tr;
  };
  const thead = make("thead");
  thead.append(row("th", HEADS));
  const tbody = make("tbody");
  for (const line of view.rows) tbody.append(row("td", fields(line)));
  table.append(thead, tbody);
  by("print").replaceChildren(table);
});
addEventListener("afterprint", () => by("print").replaceChildren());

filter();
