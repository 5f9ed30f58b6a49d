// The explorer: writes a request, shows its answer, and reads the schema aloud. It speaks to its own
// host only, and puts nothing into the page but text.
"use strict";

const part = (id) => document.getElementById(id);
const kept = window.sessionStorage;

/** An element with a text or with children. */
function element(name, inside, ...classes) {
  const made = document.createElement(name);
  made.classList.add(...classes);
  if (Array.isArray(inside)) made.append(...inside);
  else if (inside !== undefined && inside !== null) made.textContent = inside;
  return made;
}

function button(text, action) {
  const made = element("button", text);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

function say(id, text, bad = false) {
  part(id).textContent = text;
  part(id).classList.toggle("bad", bad);
}

// ---- Asking ----

/** What was pasted may be a token, `Bearer …` or the whole header. */
function token() {
  return part("token").value.trim().replace(/^authorization\s*:\s*/i, "").replace(/^bearer\s+/i, "");
}

function send(body, accept, signal) {
  const headers = { "Content-Type": "application/json", Accept: accept };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  return fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body), signal, credentials: "omit" });
}

const JSON_ANSWER = "application/graphql-response+json, application/json;q=0.9";

/** The operations of a document: kind, name and variables. Comments and texts are left out first. */
function operations(text) {
  const bare = text.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g, (it) => " ".repeat(it.length));
  const found = [];
  let depth = 0;
  for (const match of bare.matchAll(/[{}]|\b(query|mutation|subscription)\b\s*([_A-Za-z]\w*)?\s*(\([^)]*\))?/g)) {
    if (match[0] === "{") {
      if (depth === 0 && !/\S/.test(bare.slice(0, match.index))) found.push({ kind: "query", name: "", variables: "" });
      depth += 1;
    } else if (match[0] === "}") depth -= 1;
    else if (depth === 0) found.push({ kind: match[1], name: match[2] ?? "", variables: match[3] ?? "" });
  }
  return found;
}

function chosen() {
  const all = operations(part("document").value);
  return all.find((it) => it.name === part("operation").value) ?? all[0];
}

/** Lists the document's operations to choose from. */
function listOperations() {
  const before = part("operation").value;
  const all = operations(part("document").value);
  part("operation").replaceChildren(...all.map((it) => {
    const option = element("option", it.name ? `${it.kind} ${it.name}` : it.kind);
    option.value = it.name;
    return option;
  }));
  if (all.some((it) => it.name === before)) part("operation").value = before;
}

function variables() {
  const text = part("variables").value.trim();
  const values = text ? JSON.parse(text) : {};
  if (values === null || typeof values !== "object" || Array.isArray(values)) throw new Error("they are no JSON object");
  return values;
}

let running = null;

async function run() {
  running?.abort();
  const operation = chosen();
  if (!operation) return say("status", "There is no operation in the document.", true);
  const body = { query: part("document").value };
  if (operation.name) body.operationName = operation.name;
  try {
    body.variables = variables();
  } catch (problem) {
    return say("status", `The variables cannot be read: ${problem.message}`, true);
  }
  const mine = new AbortController();
  running = mine;
  part("stop").hidden = false;
  part("answer").textContent = "";
  say("status", "Asked; waiting.");
  const began = performance.now();
  try {
    const follow = operation.kind === "subscription";
    const answer = await send(body, follow ? "text/event-stream" : JSON_ANSWER, mine.signal);
    if ((answer.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) await events(answer, mine);
    else show(await answer.text(), answer, Math.round(performance.now() - began));
  } catch (problem) {
    if (running === mine) say("status", mine.signal.aborted ? "Stopped." : `No answer: ${problem.message}`, !mine.signal.aborted);
  } finally {
    if (running === mine) part("stop").hidden = true;
  }
}

function show(text, answer, took) {
  let errors = 0;
  try {
    const read = JSON.parse(text);
    errors = read.errors?.length ?? 0;
    text = JSON.stringify(read, null, 2);
  } catch {
    // What is not JSON is shown as it came.
  }
  part("answer").textContent = text;
  const id = answer.headers.get("X-Request-Id");
  const parts = [`Status ${answer.status}`, `${took} ms`, errors === 1 ? "1 error" : `${errors} errors`];
  if (id) parts.push(`request ${id}`);
  say("status", `${parts.join(", ")}.`, !answer.ok || errors > 0);
}

/** Reads a stream of events until it ends, the newest first. */
async function events(answer, mine) {
  say("status", "Following; answers appear as they come.");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let count = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || running !== mine) break;
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
      if (!data.join("")) continue;
      count += 1;
      const pretty = JSON.stringify(JSON.parse(data.join("\n")), null, 2);
      part("answer").textContent = `${pretty}\n\n${part("answer").textContent}`;
      say("status", `Following; ${count} so far.`);
    }
  }
  if (running === mine) say("status", `The stream has ended after ${count}.`);
}

async function whoAmI() {
  kept.setItem("token", part("token").value);
  if (!token()) return say("viewer", "Nobody is signed in.");
  const asked = token();
  try {
    const answer = await send({ query: "{ viewer { name } }" }, JSON_ANSWER);
    const read = await answer.json();
    if (token() !== asked) return;
    const name = read.data?.viewer?.name;
    if (name) say("viewer", `Signed in as ${name}.`);
    else say("viewer", read.errors?.[0]?.message ?? "The token is not taken.", true);
  } catch {
    say("viewer", "The service does not answer.", true);
  }
}

// ---- Examples ----

async function examples() {
  const answer = await fetch("/graphiql/examples.json", { credentials: "omit" });
  const files = await answer.json();
  const common = new Map();
  for (const { file, text } of files) {
    const group = element("optgroup");
    group.label = file.replace(/\.graphql$/, "");
    for (const operation of operations(text)) {
      const option = element("option", operation.name || operation.kind);
      option.value = `${file} ${operation.name}`;
      group.append(option);
      common.set(option.value, { text, operation });
    }
    part("example").append(group);
  }
  part("example").addEventListener("change", () => {
    const example = common.get(part("example").value);
    if (!example) return;
    part("document").value = only(example.text, example.operation.name);
    listOperations();
    part("variables").value = skeleton(example.operation.variables);
    keep();
    say("status", "The example is ready to run.");
  });
}

/** One operation of a document with the fragments that it needs; a document must use all it has. */
function only(text, name) {
  const pieces = text.split(/^(?=(?:query|mutation|subscription|fragment)\b)/m);
  const fragments = new Map();
  let wanted = text;
  for (const piece of pieces) {
    const fragment = /^fragment\s+(\w+)/.exec(piece);
    if (fragment) fragments.set(fragment[1], piece);
    else if (new RegExp(`^(query|mutation|subscription)\\s+${name}\\b`).test(piece)) wanted = piece;
  }
  if (!name) return text;
  const taken = [];
  const open = [wanted];
  while (open.length) {
    for (const [, spread] of open.pop().matchAll(/\.\.\.\s*(?!on\b)(\w+)/g)) {
      if (taken.includes(spread) || !fragments.has(spread)) continue;
      taken.push(spread);
      open.push(fragments.get(spread));
    }
  }
  return [wanted, ...taken.map((it) => fragments.get(it))].map((it) => it.trimEnd()).join("\n\n") + "\n";
}

/** Variables that have to be given, to be filled in. */
function skeleton(text) {
  const wanted = [...text.matchAll(/\$(\w+)\s*:\s*([[\]!\w]+)\s*(=)?/g)].filter((it) => it[2].endsWith("!") && !it[3]);
  if (!wanted.length) return "";
  const value = (type) => (type.startsWith("[") ? [] : { Int: 0, Boolean: false, ID: "", String: "" }[type.replace(/\W/g, "")] ?? input(type.replace(/\W/g, "")));
  return JSON.stringify(Object.fromEntries(wanted.map((it) => [it[1], value(it[2])])), null, 2);
}

/** The fields that an input object must have. */
function input(name) {
  const type = types.get(name);
  if (type?.kind === "ENUM") return type.enumValues[0]?.name ?? "";
  if (type?.kind !== "INPUT_OBJECT") return "";
  const needed = type.inputFields.filter((it) => it.type.kind === "NON_NULL" && it.defaultValue === null);
  return Object.fromEntries(needed.map((it) => [it.name, it.type.ofType.kind === "LIST" ? [] : it.name === "expectedVersion" ? 1 : input(innermost(it.type))]));
}

// ---- Documentation ----

let types = new Map();
let roots = [];
const visited = [];

const DEEP = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
const INPUT = `name description defaultValue isDeprecated deprecationReason type { ${DEEP} }`;
const INTROSPECTION = `query Documentation { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name description possibleTypes { name } interfaces { name }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    inputFields(includeDeprecated: true) { ${INPUT} }
    fields(includeDeprecated: true) { name description isDeprecated deprecationReason type { ${DEEP} }
      args(includeDeprecated: true) { ${INPUT} } } } } }`;

async function readSchema() {
  const read = await (await send({ query: INTROSPECTION }, JSON_ANSWER)).json();
  const schema = read.data?.__schema;
  if (!schema) return part("docs").replaceChildren(element("p", read.errors?.[0]?.message ?? "The schema does not tell of itself.", "bad"));
  types = new Map(schema.types.filter((it) => !it.name.startsWith("__")).map((it) => [it.name, it]));
  roots = [schema.queryType, schema.mutationType, schema.subscriptionType].filter(Boolean).map((it) => it.name);
  start();
}

const innermost = (type) => (type.ofType ? innermost(type.ofType) : type.name);

function spelled(type) {
  if (type.kind === "NON_NULL") return `${spelled(type.ofType)}!`;
  return type.kind === "LIST" ? `[${spelled(type.ofType)}]` : type.name;
}

function linked(type) {
  return button(spelled(type), () => visit(innermost(type)));
}

function about(thing) {
  const lines = [];
  if (thing.description) lines.push(element("p", thing.description, "about"));
  if (thing.isDeprecated) lines.push(element("p", `Deprecated: ${thing.deprecationReason ?? "do not use it."}`, "bad"));
  return lines;
}

function list(title, items, line) {
  if (!items?.length) return [];
  return [element("h3", title), element("ul", items.map((it) => element("li", line(it))))];
}

function taken(it) {
  const standard = it.defaultValue === null ? "" : ` = ${it.defaultValue}`;
  return [element("code", `${it.name}: `), linked(it.type), element("code", standard), ...about(it)];
}

function start() {
  visited.length = 0;
  const kinds = [["Objects", "OBJECT"], ["Inputs", "INPUT_OBJECT"], ["Enums", "ENUM"], ["Interfaces", "INTERFACE"], ["Unions", "UNION"], ["Scalars", "SCALAR"]];
  const named = (name) => [button(name, () => visit(name))];
  const rest = kinds.flatMap(([title, kind]) => {
    const names = [...types.values()].filter((it) => it.kind === kind && !roots.includes(it.name)).map((it) => it.name);
    return list(title, names.sort(), named);
  });
  draw([element("h2", "Documentation"), ...list("Start here", roots, named), ...rest]);
}

function visit(name, field = null, remember = true) {
  const type = types.get(name);
  if (!type) return;
  if (remember) visited.push([name, field]);
  part("search").value = "";
  const one = type.fields?.find((it) => it.name === field);
  if (one) {
    draw([
      element("h2", `${name}.${one.name}`), ...about(one),
      element("p", [element("span", "Answers "), linked(one.type)]),
      ...list("Arguments", one.args, taken), element("p", [button(`All of ${name}`, () => visit(name))]),
    ]);
    return;
  }
  const line = (it) => [
    button(it.name, () => visit(name, it.name)), element("code", it.args.length ? "(…): " : ": "), linked(it.type), ...about(it),
  ];
  const other = (it) => [button(it.name, () => visit(it.name))];
  draw([
    element("h2", name), element("p", type.kind.toLowerCase().replace("_", " "), "about"), ...about(type),
    ...list("Implements", type.interfaces, other), ...list("Fields", type.fields, line),
    ...list("Fields", type.inputFields, taken),
    ...list("Values", type.enumValues, (it) => [element("code", it.name), ...about(it)]),
    ...list("Is one of", type.possibleTypes, other),
  ]);
}

function draw(children) {
  part("docs").replaceChildren(...children);
  part("docs").scrollTop = 0;
  part("back").disabled = visited.length === 0;
}

function back() {
  visited.pop();
  const last = visited.at(-1);
  if (last) visit(last[0], last[1], false);
  else start();
  part("docs").focus();
}

function search() {
  const words = part("search").value.trim().toLowerCase();
  if (!words) return start();
  const places = [...types.values()].flatMap((type) => [[type.name], ...(type.fields ?? []).map((it) => [type.name, it.name]),
    ...(type.inputFields ?? type.enumValues ?? []).map((it) => [type.name, it.name])]);
  const rank = (place) => {
    const at = place.at(-1).toLowerCase().indexOf(words);
    return (at < 0 ? 1000 : at) * 100 + place.join(".").length;
  };
  const found = places.filter((it) => it.join(".").toLowerCase().includes(words)).sort((a, b) => rank(a) - rank(b));
  const few = found.slice(0, 60);
  const title = found.length > few.length ? `${few.length} of ${found.length} places` : `${found.length} places`;
  draw([element("h2", title), element("ul", few.map((it) => element("li", [button(it.join("."), () => visit(...it))])))]);
}

// ---- The page ----

function keep() {
  for (const id of ["document", "variables"]) kept.setItem(id, part(id).value);
}

const FIRST = `# Programs can be read without signing in. Ctrl-Enter runs this.
{
  programs {
    key
    name
    currentRevision {
      number
      promise { aimDays limitDays }
    }
  }
}
`;

part("document").value = kept.getItem("document") ?? FIRST;
part("variables").value = kept.getItem("variables") ?? "";
part("token").value = kept.getItem("token") ?? "";
part("document").addEventListener("input", () => { listOperations(); keep(); });
part("variables").addEventListener("input", keep);
part("token").addEventListener("change", whoAmI);
part("run").addEventListener("click", run);
part("stop").addEventListener("click", () => running?.abort());
part("back").addEventListener("click", back);
part("search").addEventListener("input", search);
document.addEventListener("keydown", (event) => {
  const control = event.ctrlKey || event.metaKey;
  if (control && event.key === "Enter") run();
  else if (control && event.key === "k") part("search").focus();
  else if (event.altKey && event.key === "ArrowLeft" && event.target.closest(".docs") && visited.length) back();
  else return;
  event.preventDefault();
});
listOperations();
whoAmI();
readSchema().then(examples).catch((problem) => part("docs").replaceChildren(element("p", `The schema cannot be read: ${problem.message}`, "bad")));
