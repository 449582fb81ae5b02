// @ts-check
// Pages without parts of their own: only the shell.
import "./shell.js";
