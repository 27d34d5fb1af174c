import { useCall, useUnread } from "carewire/react";
import type { KeyboardEvent } from "react";
import { useMe } from "../clinic/me";
import { Icon } from "../ui/Icon";

const TABS = [
  ["today", "Today"],
  ["chat", "Chat"],
  ["visit", "Visit"],
  ["chart", "Chart"],
] as const;

export type Tab = (typeof TABS)[number][0];

/** The four places. Arrow keys move between them, as in every tab list. */
export function Tabs({ current, onChange }: { current: Tab; onChange(tab: Tab): void }) {
  const me = useMe();
  const unread = useUnread((counts) => counts.total);
  const calling = useCall((call) => call.phase === "active");
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = TABS.findIndex(([tab]) => tab === current);
    const next = TABS[(at + step + TABS.length) % TABS.length];
    if (!next) return;
    onChange(next[0]);
    document.getElementById(`${me.id}-${next[0]}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Places" onKeyDown={move}>
      {TABS.map(([tab, label]) => (
        <button
          key={tab}
          role="tab"
          id={`${me.id}-${tab}`}
          aria-selected={tab === current}
          aria-controls={`${me.id}-page`}
          tabIndex={tab === current ? 0 : -1}
          onClick={() => onChange(tab)}
        >
          <Icon name={tab} />
          {label}
          {tab === "chat" && unread > 0 && (
            <span className="badge">
              {unread}
              <span className="sr"> unread</span>
            </span>
          )}
          {tab === "visit" && calling && <span className="badge live">in call</span>}
        </button>
      ))}
    </div>
  );
}
