// The host's side of Messenger's elements: where to go, and what to do when the session has ended.
const signIn = () => location.assign("/sign-in");

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
