// Prints what the linter finds in an OpenAPI document, a line for each, and fails when there is any.
//
//   npm ci --ignore-scripts     once, in a copy of this directory
//   node lint.mjs FILE

import { createConfig, lint } from "@redocly/openapi-core";

const config = await createConfig({
    extends: ["recommended-strict"],
    rules: {
        // Examples are XML, which the linter would read as text: the tests check them by the XML Schema.
        "no-invalid-media-type-examples": "off",
        // {identifier} is a number, and so never one of the words that stand at its place.
        "no-ambiguous-paths": "off",
    },
});

const problems = await lint({ ref: process.argv[2], config });
for (const { ruleId, message, location } of problems)
    console.log(`${location[0].pointer ?? ""} ${ruleId}: ${message}`);
process.exitCode = problems.length > 0 ? 1 : 0;
