// Writes generated/tada/: the fragments and operations of each file of schema/operations as gql.tada
// reads them, and for each a line that compiles only if its types are known.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Kind, parse, print, visit } from "graphql";

const source = new URL("../../schema/operations/", import.meta.url);
const target = new URL("generated/tada/", import.meta.url);

const head = `import type { ResultOf, VariablesOf } from "gql.tada";
import { graphql } from "../../src/tada";

// \`any\` and \`never\` would pass as everything, and \`unknown\` and \`{}\` know no field.
type Known<T> = 0 extends 1 & T ? false : [keyof T] extends [never] ? false : true;
type IsTrue<T extends true> = T;
type IsObject<T extends object> = T;
`;

function spreads(definition) {
  const names = new Set();
  visit(definition, { FragmentSpread: (it) => void names.add(it.name.value) });
  return [...names];
}

/** A fragment stands behind those that it spreads. */
function inOrder(definitions) {
  const byName = new Map(definitions.map((it) => [it.name.value, it]));
  const done = new Set();
  const add = (it) => {
    spreads(it).forEach((name) => add(byName.get(name)));
    done.add(it);
  };
  definitions.forEach(add);
  return [...done];
}

mkdirSync(target, { recursive: true });
for (const file of readdirSync(source)) {
  const { definitions } = parse(readFileSync(new URL(file, source), "utf8"));
  const parts = inOrder(definitions).map((it) => {
    const name = it.name.value;
    const used = spreads(it).join(", ");
    const lines = [
      `export const ${name} = graphql(\`\n${print(it)}\n\`, [${used}]);`,
      `export type ${name}Data = IsTrue<Known<ResultOf<typeof ${name}>>>;`,
    ];
    if (it.kind === Kind.OPERATION_DEFINITION) {
      lines.push(`export type ${name}Variables = IsObject<VariablesOf<typeof ${name}>>;`);
    }
    return lines.join("\n");
  });
  writeFileSync(new URL(file.replace(".graphql", ".ts"), target), [head, ...parts, ""].join("\n"));
}
