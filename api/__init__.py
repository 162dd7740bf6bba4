"""The register over HTTP: routes, problem details and pages. No rules and no SQL."""
