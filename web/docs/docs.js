// @ts-check
// Shows the API's own description. Nothing is asked of any other host.
// @ts-ignore: defined by swagger-ui-bundle.js
window.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
});
