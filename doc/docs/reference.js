"use strict";

// Shows openapi.yaml. Requests are not sent from here: they would need an API client's secret in a browser.
SwaggerUIBundle({
    url: "openapi.yaml",
    dom_id: "#reference",
    docExpansion: "list",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    supportedSubmitMethods: [],
    validatorUrl: null,
});
