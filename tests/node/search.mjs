// fhir-kit-client reads and searches; what it found is printed as JSON for the test.
import { Client } from "fhir-kit-client";

const [baseUrl, token, patient] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken: token });
const read = await client.read({ resourceType: "Condition", id: "ward-1" });
let hidden;
try {
  await client.read({ resourceType: "Condition", id: "gone-1" });
} catch (error) {
  hidden = error.response?.status;
}
let bundle = await client.resourceSearch({
  resourceType: "Condition",
  searchParams: { patient, _sort: "-_id", _count: 1, _include: "Condition:subject" },
});
const found = [];
while (bundle) {
  found.push(...bundle.entry.map((each) => each.resource));
  bundle = bundle.link.some((each) => each.relation === "next")
    ? await client.nextPage({ bundle })
    : null;
}
const posted = await client.resourceSearch({
  resourceType: "Condition",
  searchParams: { patient, "code:text": "astma" },
  options: { postSearch: true },
});
const compartment = await client.compartmentSearch({
  resourceType: "Condition",
  compartment: { resourceType: "Patient", id: patient },
});
console.log(
  JSON.stringify({
    version: (await client.capabilityStatement()).fhirVersion,
    read: read.code.text,
    hidden,
    found: found.map((each) => `${each.resourceType}/${each.id}`),
    posted: posted.entry.map((each) => each.resource.id),
    compartment: compartment.total,
  }),
);
