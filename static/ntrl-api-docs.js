// Shows the OpenAPI document; a file of its own, since no page may hold scripts.
const place = document.getElementById("swagger-ui");
SwaggerUIBundle({ url: place.dataset.schema, domNode: place, deepLinking: true });
