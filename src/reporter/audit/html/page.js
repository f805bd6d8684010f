// The data of the page, and which of its rows are shown in which order. Text only ever goes in as text: no markup is made from
// data. The three files of the script are one block, in the order page.js, findings.js, reader.js.

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const { texts, kinds, encoded, rows } = data;
const table = byId("ranking");
const form = byId("filter");
const [NONE, NEW, WAIVED, OLD_DAYS] = [-1, 1, 2, 90];
// How many rows stand together, how many findings are shown at once, and how many are put on paper unasked.
const [GROUP, AT_ONCE, ON_PAPER] = [50, 200, 300];
// A finding's numbers: kind, name, requirement, locked, path, line, column, age, marks; and behind them, of one that is excepted,
// its reason and its last day.
const [KIND, NAME, REQUIREMENT, LOCKED, PATH, LINE, COLUMN, AGE, MARKS, REASON, EXPIRES] = Array(11).keys();
const STRIDE = 9;
// A kind's numbers.
const [RULE, LEVEL, SURFACE, PIN, REQUIRED, MESSAGE, HELP] = Array(7).keys();
const [DENY, WARN, EXCEPTED, BASELINED, WAIVERS, DECLARATIONS, PINNED, FILES, SKIPPED] = Array(9).keys();
const noun = table.dataset.noun;
const format = new Intl.NumberFormat("en");
const number = (value) => format.format(value);
const plural = (count, one) =>
  `${number(count)} ${count === 1 ? one : one.endsWith("ry") ? `${one.slice(0, -1)}ies` : `${one}s`}`;
const text = (at) => (at === NONE || at === undefined ? "" : texts[at]);
const denies = texts.indexOf("deny");

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== "" && child !== undefined && child !== false));
  return made;
}

function link(address, ...children) {
  if (!address?.startsWith("https://")) return element("span", {}, ...children);
  return element("a", { href: address, rel: "noopener noreferrer" }, ...children);
}

// The rows as they stand, each with its data and what is shown of it.
[...table.querySelectorAll("tbody > tr")].forEach((line, at) => {
  const row = rows[at];
  row.at = at;
  row.line = line;
  row.opener = line.querySelector(".opener");
  row.findings ??= [];
  row.shown = [row.counts[DENY], row.counts[WARN]];
  row.words = [row.name, row.reference, text(row.owner), row.from, row.url, ...(row.labels ?? []).map(text)];
  row.words = row.words.filter(Boolean).join("\n").toLowerCase();
  row.opener.dataset.at = at;
});

// ---- which rows and which of their findings

const asked = { text: "", show: "", level: "", rule: "", surface: "", owner: "", sort: "deny", up: false };
const fits = {
  "": () => true,
  failing: (row) => row.counts[DENY] > 0,
  resolved: (row) => row.change?.[1] > 0,
  excepted: (row) => row.counts[EXCEPTED] > 0,
  error: (row) => row.error !== undefined,
  stale: (row) => row.stale !== undefined,
  clean: (row) => row.error === undefined && row.counts[DENY] + row.counts[WARN] === 0,
};
// These ask for findings, not for rows.
const marks = {
  new: (list, at) => (list[at + MARKS] & NEW) !== 0,
  waived: (list, at) => (list[at + MARKS] & WAIVED) !== 0,
  old: (list, at) => list[at + AGE] >= OLD_DAYS,
};

// What a finding has to be, as a function; none where anything will do.
function wanted() {
  const kind = [];
  for (const [key, at] of [["level", LEVEL], ["rule", RULE], ["surface", SURFACE]]) {
    if (asked[key] !== "") kind.push([at, texts.indexOf(asked[key])]);
  }
  const mark = marks[asked.show];
  if (kind.length === 0 && !mark) return undefined;
  const allowed = kinds.map((each) => kind.every(([at, value]) => each[at] === value));
  return (list, at) => allowed[list[at + KIND]] && (!mark || mark(list, at));
}

// The rows that are asked for; `row.only` says which of a row's findings are, where not all.
function select() {
  const query = asked.text.trim().toLowerCase();
  const want = wanted();
  const hits = query && texts.map((each) => each.toLowerCase().includes(query));
  const said = hits && kinds.map((kind) => hits[kind[RULE]]);
  const hit = (list, at) => hits[list[at + NAME]] || hits[list[at + PATH]] || said[list[at + KIND]];
  const owner = asked.owner && (asked.owner === "-" ? undefined : texts.indexOf(asked.owner.slice(1)));
  const fit = fits[asked.show] ?? fits[""];
  return rows.filter((row) => {
    row.only = undefined;
    row.shown = [row.counts[DENY], row.counts[WARN]];
    if (!fit(row) || (asked.owner && row.owner !== owner)) return false;
    const named = !query || row.words.includes(query);
    if (!want && named) return true;
    const only = [];
    const shown = [0, 0];
    for (let at = 0; at < row.findings.length; at += STRIDE) {
      if ((want && !want(row.findings, at)) || (!named && !hit(row.findings, at))) continue;
      only.push(at);
      shown[kinds[row.findings[at + KIND]][LEVEL] === denies ? DENY : WARN] += 1;
    }
    row.only = only;
    row.shown = shown;
    return only.length > 0;
  });
}

const keys = {
  name: (row) => row.name,
  deny: (row) => row.shown[DENY] * 1e6 + row.shown[WARN],
  warn: (row) => row.shown[WARN] * 1e6 + row.shown[DENY],
  change: (row) => (row.change ? row.change[0] * 1e6 + row.change[1] : -1),
  pinned: (row) => (row.counts[DECLARATIONS] ? row.counts[PINNED] / row.counts[DECLARATIONS] : undefined),
  age: (row) => row.oldest ?? -1,
  owner: (row) => (row.owner === undefined ? undefined : text(row.owner)),
};
// What is sorted from its first letter or its least.
const rises = new Set(["name", "owner", "pinned"]);
const compare = new Intl.Collator("en", { numeric: true }).compare;

function sort(list) {
  const key = keys[asked.sort];
  const sign = asked.up ? 1 : -1;
  const keyed = list.map((row) => [key(row), row]);
  keyed.sort(([a, one], [b, other]) => {
    // What has no such thing comes last, either way; equals stand as in the ranking.
    if (a === undefined || b === undefined) return (a === undefined) - (b === undefined) || one.at - other.at;
    return sign * (typeof a === "string" ? compare(a, b) : a - b) || one.at - other.at;
  });
  return keyed.map(([, row]) => row);
}

// ---- what is shown

function bar(row, most) {
  const place = row.line.querySelector(".bar");
  const [deny, warn] = row.shown.map((count) => (count ? Math.max((count / most) * 100, 0.6) : 0));
  const key = `${deny} ${warn}`;
  if (row.bar === key) return;
  row.bar = key;
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "bar");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, from, width] of [["d", 0, deny], ["w", deny, warn]]) {
    if (!width) continue;
    const rect = document.createElementNS(space, "rect");
    rect.setAttribute("class", name);
    rect.setAttribute("x", `${from}%`);
    rect.setAttribute("width", `${width}%`);
    svg.append(rect);
  }
  place.replaceChildren(...(deny + warn ? [svg] : []));
}

let current = rows;
function show() {
  const list = sort(select());
  current = list;
  const most = list.reduce((max, row) => Math.max(max, row.shown[DENY] + row.shown[WARN]), 1);
  for (const row of list) {
    bar(row, most);
    if (row.error !== undefined && row.shown[DENY] + row.shown[WARN] === 0) continue;
    row.line.querySelector(".deny").textContent = number(row.shown[DENY]);
    row.line.querySelector(".warn").textContent = number(row.shown[WARN]);
  }
  const groups = [];
  for (let at = 0; at < list.length; at += GROUP) {
    const group = element("tbody", { role: "rowgroup" });
    for (const row of list.slice(at, at + GROUP)) {
      group.append(row.line);
      if (row.detail) {
        open(row);
        group.append(row.detail);
      }
    }
    groups.push(group);
  }
  table.querySelectorAll("tbody").forEach((group) => group.remove());
  table.append(...groups);
  for (const head of table.querySelectorAll("thead [data-sort]")) {
    const order = head.dataset.sort === asked.sort && (asked.up ? "ascending" : "descending");
    if (order) head.parentElement.setAttribute("aria-sort", order);
    else head.parentElement.removeAttribute("aria-sort");
  }
  const found = list.reduce((sum, row) => sum + row.shown[DENY] + row.shown[WARN], 0);
  const of = list.length === rows.length ? plural(rows.length, noun) : `${number(list.length)} of ${plural(rows.length, noun)}`;
  byId("status").textContent = `${of}, ${plural(found, "finding")}`;
}
