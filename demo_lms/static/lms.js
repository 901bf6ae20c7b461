for (const form of document.querySelectorAll("form[data-submit-itself]")) form.submit();
