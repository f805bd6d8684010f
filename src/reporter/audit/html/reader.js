// What a reader does: filter, sort, open, pick, change the colours, print.

// The filter stands in the address, so that what is seen can be passed on.
function remember() {
  const said = Object.entries(asked).filter(([key, value]) => value && !(key === "sort" && value === "deny" && !asked.up));
  const hash = new URLSearchParams(said.map(([key, value]) => [key, String(value)])).toString();
  try {
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  } catch {
    // Where the page has no address of its own, as in some viewers of mail, nothing is lost but this.
  }
}

function apply(changes) {
  Object.assign(asked, changes);
  for (const field of form.elements) {
    if (field.name in asked) field.value = asked[field.name];
  }
  show();
  remember();
}

function fill(name, values) {
  const select = form.elements[name];
  if (select) select.append(...values.map(([value, label]) => element("option", { value }, label)));
}
const named = (at) => [...new Set(kinds.map((kind) => text(kind[at])))].sort(compare).map((each) => [each, each]);
fill("rule", named(RULE));
fill("surface", named(SURFACE));
const owners = [...new Set(rows.map((row) => row.owner))];
fill("owner", owners.filter((owner) => owner !== undefined).map(text).sort(compare).map((name) => [`=${name}`, name]));
if (owners.includes(undefined)) fill("owner", [["-", "nobody named"]]);

function restore() {
  const said = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  for (const [key, value] of said) {
    if (key === "up") asked.up = value === "true";
    else if (key === "sort") asked.sort = Object.hasOwn(keys, value) ? value : asked.sort;
    else if (key === "text" || (Object.hasOwn(asked, key) && [...(form.elements[key]?.options ?? [])].some((each) => each.value === value))) asked[key] = value;
  }
  return said.size > 0;
}

let waiting;
form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  const { name, value } = event.target;
  const changes = name === "sort" ? { sort: value, up: rises.has(value) } : { [name]: value };
  if (name === "text") waiting = setTimeout(apply, 120, changes);
  else apply(changes);
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  apply({ text: "", show: "", level: "", rule: "", surface: "", owner: "", sort: "deny", up: false });
});

table.addEventListener("click", (event) => {
  const sorter = event.target.closest("[data-sort]");
  if (sorter) {
    const key = sorter.dataset.sort;
    apply({ sort: key, up: asked.sort === key ? !asked.up : rises.has(key) });
    return;
  }
  const opener = event.target.closest(".opener");
  if (!opener) return;
  const row = rows[opener.dataset.at];
  if (row.detail) close(row);
  else open(row);
});

table.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const line = event.target.closest("tr.detail")?.previousElementSibling;
    const row = rows[(line?.querySelector(".opener") ?? event.target.closest(".opener"))?.dataset.at];
    if (row?.detail) {
      close(row);
      row.opener.focus();
    }
    return;
  }
  const opener = event.target.closest(".opener");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!opener || !step) return;
  event.preventDefault();
  current[current.indexOf(rows[opener.dataset.at]) + step]?.opener.focus();
});

document.addEventListener("click", (event) => {
  const pick = event.target.closest(".pick");
  if (!pick) return;
  const { kind, value } = pick.dataset;
  apply({ [kind]: kind === "owner" ? (value ? `=${value}` : "-") : value });
  byId("repositories").scrollIntoView();
  form.elements[kind].focus({ preventScroll: true });
});

// ---- light and dark

const root = document.documentElement;
const button = byId("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const store = (value) => {
  try {
    if (value) localStorage.setItem("cargo-pinned-theme", value);
    return localStorage.getItem("cargo-pinned-theme");
  } catch {
    return undefined;
  }
};
const label = () => (button.textContent = isDark() ? "Light" : "Dark");
const kept = store();
if (kept === "dark" || kept === "light") root.dataset.theme = kept;
button.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  store(root.dataset.theme);
  label();
});
system.addEventListener("change", label);
label();

// ---- paper: what is closed cannot be opened there

let opened = [];
addEventListener("beforeprint", () => {
  const folds = [...document.querySelectorAll("main details:not([open], .as-table)")];
  folds.forEach((fold) => (fold.open = true));
  opened = folds.map((fold) => () => (fold.open = false));
  if (current.some((row) => row.detail)) return;
  let budget = ON_PAPER;
  for (const row of current) {
    budget -= row.shown[DENY] + row.shown[WARN];
    if (budget < 0) break;
    if (row.shown[DENY] + row.shown[WARN] === 0) continue;
    open(row);
    opened.push(() => close(row));
  }
});
addEventListener("afterprint", () => {
  opened.forEach((undo) => undo());
  opened = [];
});

root.classList.add("alive");
form.hidden = false;
button.hidden = false;
if (restore()) apply({});
else byId("status").textContent = `${plural(rows.length, noun)}, worst first`;
root.dataset.ready = "true";
