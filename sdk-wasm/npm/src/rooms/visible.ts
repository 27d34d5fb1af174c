import type { Off } from "../types.js";
import { off } from "../live.js";
import { isVisible, listen } from "../page.js";

/** Calls back once, when somebody can see the page. */
export function whenVisible(fn: () => void): Off {
  if (isVisible()) {
    fn();
    return off(() => {});
  }
  const stop = listen(document, ["visibilitychange"], () => {
    if (isVisible()) {
      stop();
      fn();
    }
  });
  return off(stop);
}
