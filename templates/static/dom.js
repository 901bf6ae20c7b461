/* Selecting elements; filling texts with values in the page's language. */

/* The page's language with the reader's region. */
export const locale = document.documentElement.dataset.locale || document.documentElement.lang || "en";

export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

/* Whether a click asks the browser for a new tab, a new window or a download. */
export const hasModifier = (event) => event.ctrlKey || event.metaKey || event.shiftKey;

/* Replace {name} in a template. */
export const format = (template, values) => template.replace(/\{(\w+)\}/g, (match, name) => values[name] ?? match);
export const formatNumber = (value) => new Intl.NumberFormat(locale).format(value);
