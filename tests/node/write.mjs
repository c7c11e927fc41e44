// fhir-kit-client writes as a vendor does; what came of it is printed as JSON for the test.
import { Client } from "fhir-kit-client";

const [baseUrl, token, patient] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken: token });
const subject = { reference: `Patient/${patient}` };
const condition = (text) => ({ resourceType: "Condition", subject, code: { text } });
const status = async (what) => {
  try {
    await what();
  } catch (error) {
    return error.response?.status;
  }
  return null;
};

const made = await client.create({ resourceType: "Condition", body: condition("ett") });
const { id } = made;
const changed = await client.update({
  resourceType: "Condition",
  id,
  body: { ...condition("två"), id },
});
const patched = await client.patch({
  resourceType: "Condition",
  id,
  jsonPatch: [{ op: "replace", path: "/code/text", value: "tre" }],
});
const history = await client.history({ resourceType: "Condition", id });
const first = await client.vread({ resourceType: "Condition", id, version: "1" });
const reference = "urn:uuid:6d8a4d0b-1111-4c11-8888-0123456789ab";
const transaction = await client.transaction({
  body: {
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      {
        fullUrl: reference,
        resource: {
          resourceType: "Encounter",
          status: "finished",
          class: { code: "AMB" },
          subject,
        },
        request: { method: "POST", url: "Encounter" },
      },
      {
        resource: { ...condition("vid besöket"), encounter: { reference } },
        request: { method: "POST", url: "Condition" },
      },
    ],
  },
});
const everything = await client.operation({
  name: "everything",
  resourceType: "Patient",
  id: patient,
  method: "get",
});
const invalid = await status(() =>
  client.create({ resourceType: "Condition", body: { ...condition("x"), colour: "red" } }),
);
await client.delete({ resourceType: "Condition", id });
console.log(
  JSON.stringify({
    texts: [made, changed, patched, first].map((each) => each.code.text),
    versions: history.entry.map((each) => each.resource.meta.versionId),
    statuses: transaction.entry.map((each) => each.response.status),
    everything: everything.entry.length,
    invalid,
    gone: await status(() => client.read({ resourceType: "Condition", id })),
    organisations: (
      await client.resourceSearch({
        resourceType: "Organization",
        searchParams: { name: "name of" },
      })
    ).total,
  }),
);
