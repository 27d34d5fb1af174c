/** Nobody is signed in: everything they saw is gone. */
export function SignedOut({ name, onSignIn }: { name: string; onSignIn(): void }) {
  return (
    <div className="closed">
      <h2>Signed out</h2>
      <p>Nothing of {name} is kept here.</p>
      <button className="primary" onClick={onSignIn} autoFocus>
        Sign in as {name}
      </button>
    </div>
  );
}
