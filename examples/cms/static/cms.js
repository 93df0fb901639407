// The host's side of Messenger's elements: what to do when the session has ended.

// Signing in again happens in a window of its own: this page is never left, and nothing that was typed is lost.
const signIn = () => {
  const own = window.open("/sign-in", "sign-in", "popup,width=560,height=760");
  if (!own) return location.assign("/sign-in");
  const looking = setInterval(() => {
    if (own.closed) return clearInterval(looking);
    if (["blank", "/sign-in"].includes(own.location.pathname) || own.document.readyState === "loading") return;
    clearInterval(looking);
    own.close();
    goOn();
  }, 200);
};

// Who signs in as somebody else gets a page of their own; a draft stays its author's.
const goOn = async () => {
  const answer = await fetch("/messenger/api/me");
  if (!answer.ok) return;
  const { staff } = await answer.json();
  if (staff.id !== document.body.dataset.staff) return location.reload();
  document.querySelector("#signed-out")?.remove();
  document.dispatchEvent(new Event("messenger-signed-in"));
};

document.addEventListener("messenger-signed-out", () => {
  if (document.querySelector("#signed-out")) return;
  const note = document.createElement("p");
  note.id = "signed-out";
  note.className = "error";
  note.setAttribute("role", "alert");
  const button = document.createElement("button");
  button.textContent = "Sign in again";
  button.addEventListener("click", signIn);
  note.append("You have been signed out. ", button);
  document.querySelector("main").prepend(note);
});
