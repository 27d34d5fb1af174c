import { useCallback, useLayoutEffect, useRef, useState } from "react";

/** How close to an edge counts as at it, in pixels. */
const NEAR = 48;

/**
 * A list that stays at its end while new rows come, and where it is while older ones do.
 * `first` and `last` name its first and last row.
 */
export function useScroll(first: string | undefined, last: string | undefined, onStart: () => void) {
  const list = useRef<HTMLDivElement>(null);
  const before = useRef({ first, height: 0 });
  const [atEnd, setAtEnd] = useState(true);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const { first: was, height } = before.current;
    if (atEnd) element.scrollTop = element.scrollHeight;
    else if (was !== undefined && was !== first) element.scrollTop += element.scrollHeight - height;
    before.current = { first, height: element.scrollHeight };
  }, [first, last, atEnd]);

  const onScroll = useCallback(() => {
    const element = list.current;
    if (!element) return;
    setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR);
    if (element.scrollTop < NEAR) onStart();
  }, [onStart]);

  return { list, atEnd, onScroll };
}
