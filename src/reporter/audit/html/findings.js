// What a row shows when it is opened: where it comes from, and its findings.

function place(row, list, at) {
  const [path, line] = [list[at + PATH], list[at + LINE]];
  const label = `${line}:${list[at + COLUMN]}`;
  if (!row.lines) return label;
  const address = `${row.lines[0]}${encoded[path] ?? text(path)}${row.lines[1]}${line}`;
  const made = link(address, label);
  made.setAttribute("aria-label", `line ${line} of ${text(path)}`);
  return made;
}

// A message with its gaps filled, and what stands between backticks as code.
function message(template, list, at) {
  const parts = [NAME, REQUIREMENT, LOCKED].map((part) => text(list[at + part]));
  const whole = text(template).replace(/[\u0001-\u0003]/g, (gap) => parts[gap.charCodeAt(0) - 1]);
  const pieces = whole.split("`");
  if (pieces.length % 2 === 0) return [whole];
  return pieces.map((piece, nth) => (nth % 2 ? element("code", {}, piece) : piece));
}

const age = (days) => (days < 0 ? "" : days === 0 ? "today" : plural(days, "day"));

function finding(row, list, at, why) {
  const kind = kinds[list[at + KIND]];
  const level = text(kind[LEVEL]);
  const pin = [text(kind[PIN]), kind[REQUIRED] === NONE ? "" : `requires ${text(kind[REQUIRED])}`].filter(Boolean);
  const help = kind[HELP] !== NONE && element("div", { class: "help" }, ...message(kind[HELP], list, at));
  return element("tr", {},
    element("td", { class: "place" }, place(row, list, at)),
    element("td", { class: "rule" }, text(kind[RULE]), " ", element("span", { class: `level ${level === "deny" ? "d" : "w"}` }, level)),
    element("td", { class: "what" }, ...message(kind[MESSAGE], list, at), help,
      why && element("div", { class: "why" }, why)),
    element("td", { class: "pin" }, pin.join(", ")),
    element("td", { class: "age" }, age(list[at + AGE]), list[at + MARKS] & NEW ? element("span", { class: "tag up" }, "new") : ""));
}

// Findings by file, as a table.
function listed(row, name, list, places, why) {
  const made = element("table", { class: "plain findings" }, element("caption", {}, name),
    element("thead", {}, element("tr", {}, ...["Line", "Rule", "What", "Pin", "Age"].map((each) => element("th", { scope: "col" }, each)))));
  let [path, group] = [undefined, undefined];
  for (const at of places) {
    if (list[at + PATH] !== path) {
      path = list[at + PATH];
      group = element("tbody", {}, element("tr", {}, element("th", { scope: "rowgroup", colspan: 5 }, text(path))));
      made.append(group);
    }
    group.append(finding(row, list, at, why?.(at)));
  }
  return made;
}

function steps(list, stride) {
  return Array.from({ length: (list?.length ?? 0) / stride }, (_, at) => at * stride);
}

function facts(row) {
  const counts = row.counts;
  const all = [
    ["Read from", link(row.home, row.url ?? row.from)],
    ["Reference", row.reference],
    ["Commit", row.commit && link(row.commit_page, element("code", {}, row.commit.slice(0, 12)))],
    ["Labels", (row.labels ?? []).map(text).join(", ")],
    ["Pinned", counts[DECLARATIONS] > 0 && `${number(counts[PINNED])} of ${plural(counts[DECLARATIONS], "declaration")}`],
    ["Files", row.error === undefined && `${number(counts[FILES])} read${counts[SKIPPED] ? `, ${number(counts[SKIPPED])} left out on purpose` : ""}`],
    ["Baseline", counts[BASELINED] > 0 && `lets ${plural(counts[BASELINED], "finding")} pass`],
    ["Waived", counts[WAIVERS] > 0 && `${plural(counts[WAIVERS], "finding")}, locally`],
    ["Not judged", row.error],
    ["Old mirror", row.stale],
  ];
  return element("dl", { class: "facts" },
    ...all.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function open(row, all = false) {
  const whys = new Map(steps(row.waived, 3).map((at) => [row.waived[at] * STRIDE, row.waived.slice(at + 1, at + 3)]));
  const until = (day) => (day === NONE ? "" : `, until ${text(day)}`);
  const waiver = (at) => whys.has(at) && `locally waived: ${text(whys.get(at)[0])}${until(whys.get(at)[1])}`;
  const places = row.only ?? steps(row.findings, STRIDE);
  const shown = all ? places : places.slice(0, AT_ONCE);
  const parts = [facts(row)];
  if (places.length) parts.push(listed(row, plural(places.length, "finding"), row.findings, shown, waiver));
  if (shown.length < places.length) {
    const more = element("button", { type: "button" }, `Show all ${number(places.length)}`);
    more.addEventListener("click", () => {
      open(row, true);
      row.opener.focus();
    });
    parts.push(more);
  }
  const hidden = row.findings.length / STRIDE - places.length;
  if (hidden > 0) parts.push(element("p", { class: "muted" }, `${plural(hidden, "other finding")} left out by the filter.`));
  if (!row.only && row.excepted) {
    const reason = (at) => `excepted: ${text(row.excepted[at + REASON])}${until(row.excepted[at + EXPIRES])}`;
    const places = steps(row.excepted, STRIDE + 2);
    parts.push(listed(row, `${number(places.length)} excepted`, row.excepted, places, reason));
  }
  if (!row.only && row.gone) {
    const gone = steps(row.gone, 3).map((at) =>
      element("li", {}, `${text(row.gone[at])} `, element("code", {}, text(row.gone[at + 1])), ` in ${text(row.gone[at + 2])}`));
    parts.push(element("p", { class: "caption" }, `${number(gone.length)} resolved since the last run`), element("ul", {}, ...gone));
  }
  if (!places.length && row.error === undefined && !row.only) parts.splice(1, 0, element("p", { class: "muted" }, "No findings."));
  row.detail ??= element("tr", { class: "detail", role: "row", id: `detail-${row.at}` });
  row.detail.replaceChildren(element("td", { role: "cell" }, ...parts));
  row.opener.setAttribute("aria-expanded", "true");
  row.opener.setAttribute("aria-controls", `detail-${row.at}`);
  row.line.after(row.detail);
}

function close(row) {
  row.detail?.remove();
  row.detail = undefined;
  row.opener.setAttribute("aria-expanded", "false");
  row.opener.removeAttribute("aria-controls");
}
