import { useMe } from "../clinic/me";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import { Bell } from "./Bell";
import { Connection } from "./Connection";
import { NetworkSwitch } from "./NetworkSwitch";
import { QueueBadge } from "./QueueBadge";

/** Who one is, how the connection stands, and what waits. */
export function Header({ onSignOut }: { onSignOut(): void }) {
  const me = useMe();
  return (
    <header className="header">
      <Avatar userId={me.id} />
      <div className="who">
        <h2>{me.name}</h2>
        <Connection />
      </div>
      <QueueBadge />
      <NetworkSwitch />
      <Bell />
      <button className="quiet" onClick={onSignOut} aria-label="Sign out">
        <Icon name="leave" />
      </button>
    </header>
  );
}
