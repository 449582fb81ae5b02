// @ts-check
// The track record: judged anew now and then, so it is looked at once a minute.
import "./shell.js";
import { refresh } from "./refresh.js";

refresh(60000);
