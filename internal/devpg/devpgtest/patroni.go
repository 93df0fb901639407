package devpgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
	"github.com/cmsmessenger/cmsmessenger/internal/proxytest"
)

// Patroni is three PostgreSQL servers, one of them the leader and one its synchronous standby, as Debian's patroni
// keeps them by its etcd, and Debian's haproxy before them, which leads to the leader. Patroni's figures are the
// shortest that it allows: a leader that is gone has a successor within half a minute.
type Patroni struct {
	tb       testing.TB
	as       *syscall.SysProcAttr
	dir      string
	password string
	port     int // haproxy's
	nodes    []*node
}

// node is one of the three servers and the Patroni that keeps it.
type node struct {
	name    string
	port    int
	rest    int              // the port where its Patroni says how it is
	etcd    *proxytest.Proxy // its way to etcd
	folder  string
	patroni *exec.Cmd
}

// member is what Patroni says of a node: the role is leader, sync_standby or replica.
type member struct {
	Name  string `json:"name"`
	Role  string `json:"role"`
	State string `json:"state"`
}

// StartPatroni starts all, and returns once there are a leader, a synchronous standby and a third that follows. They
// end with the test.
func StartPatroni(tb testing.TB) *Patroni {
	tb.Helper()
	p := &Patroni{tb: tb, dir: filepath.Join(tb.TempDir(), "patroni"), password: rand.Text(), port: FreePort(tb)}
	p.as = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(tb, os.Mkdir(p.dir, 0o700))
	if os.Geteuid() == 0 {
		require.NoError(tb, os.Chmod(filepath.Dir(filepath.Dir(p.dir)), 0o755))
		p.as.Credential = userNamed(tb, "postgres")
		require.NoError(tb, os.Chown(p.dir, int(p.as.Credential.Uid), int(p.as.Credential.Gid)))
	}
	etcd := p.startEtcd()
	for i := range 3 {
		name := fmt.Sprintf("node%d", i+1)
		n := &node{name: name, port: FreePort(tb), rest: FreePort(tb), folder: filepath.Join(p.dir, name)}
		n.etcd = proxytest.Start(tb, etcd)
		p.nodes = append(p.nodes, n)
		p.write(name+".json", p.settings(n))
		p.keep(n)
		tb.Cleanup(func() { p.kill(n) })
	}
	p.startHAProxy()
	p.whole()
	return p
}

// userNamed is whom a server runs as that refuses to run as root.
func userNamed(tb testing.TB, name string) *syscall.Credential {
	tb.Helper()
	found, err := user.Lookup(name)
	require.NoError(tb, err)
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	require.NoError(tb, err)
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	require.NoError(tb, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// start starts a program of Debian's whose output is kept in a file.
func (p *Patroni) start(log, program string, arguments ...string) *exec.Cmd {
	p.tb.Helper()
	file, err := os.OpenFile(filepath.Join(p.dir, log+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(p.tb, err)
	defer func() { _ = file.Close() }()
	command := exec.CommandContext(context.Background(), program, arguments...)
	command.Dir, command.SysProcAttr, command.Stdout, command.Stderr = p.dir, p.as, file, file
	require.NoError(p.tb, command.Start(), "'.ci/install faults' installs Debian's patroni, etcd-server and haproxy")
	return command
}

// ends has a process that start has started end with the test.
func (p *Patroni) ends(command *exec.Cmd) {
	p.tb.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
}

func (p *Patroni) write(name string, text []byte) {
	p.tb.Helper()
	file := filepath.Join(p.dir, name)
	require.NoError(p.tb, os.WriteFile(file, text, 0o600))
	if as := p.as.Credential; as != nil {
		require.NoError(p.tb, os.Chown(file, int(as.Uid), int(as.Gid)))
	}
}

// startEtcd starts etcd, and returns the address that Patroni reaches it at.
func (p *Patroni) startEtcd() string {
	p.tb.Helper()
	clients := fmt.Sprintf("127.0.0.1:%d", FreePort(p.tb))
	peers := fmt.Sprintf("http://127.0.0.1:%d", FreePort(p.tb))
	p.ends(p.start("etcd", "etcd", "--name", "one", "--data-dir", filepath.Join(p.dir, "etcd"),
		"--listen-client-urls", "http://"+clients, "--advertise-client-urls", "http://"+clients,
		"--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "one="+peers))
	return clients
}

// settings are a node's. Sources: Patroni's documentation, 'YAML Configuration Settings' and 'Dynamic Configuration
// Settings': ttl is 20 s at least, and no less than loop_wait and twice retry_timeout.
func (p *Patroni) settings(n *node) []byte {
	p.tb.Helper()
	type m = map[string]any
	address := fmt.Sprintf("127.0.0.1:%d", n.port)
	rest := fmt.Sprintf("127.0.0.1:%d", n.rest)
	text, err := json.Marshal(m{
		"scope": "messenger", "name": n.name,
		"restapi": m{"listen": rest, "connect_address": rest},
		// By the name of a proxy it goes to no other address that etcd tells it of.
		"etcd3": m{"proxy": fmt.Sprintf("http://127.0.0.1:%d", n.etcd.Port())},
		"bootstrap": m{
			"dcs": m{
				"ttl": 20, "loop_wait": 1, "retry_timeout": 3, "synchronous_mode": true,
				"postgresql": m{"use_pg_rewind": true, "parameters": m{"max_connections": 100, "fsync": "off"}},
			},
			"initdb": []any{m{"encoding": "UTF8"}, m{"locale": "C.UTF-8"}, "data-checksums", "no-sync"},
		},
		"postgresql": m{
			"listen": address, "connect_address": address, "data_dir": n.folder, "bin_dir": p.binaries(),
			"pgpass": filepath.Join(p.dir, n.name+".pgpass"), "parameters": m{"unix_socket_directories": ""},
			"pg_hba": []string{
				"host all all 127.0.0.1/32 scram-sha-256", "host replication replicator 127.0.0.1/32 scram-sha-256",
			},
			"authentication": m{
				"superuser":   m{"username": "postgres", "password": p.password},
				"replication": m{"username": "replicator", "password": p.password},
			},
		},
	})
	require.NoError(p.tb, err)
	return text
}

// binaries is the folder of a server on this machine.
func (p *Patroni) binaries() string {
	p.tb.Helper()
	for _, folder := range devpg.BinFolders(p.tb.Context()) {
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err == nil {
			return folder
		}
	}
	require.FailNow(p.tb, "no PostgreSQL on this machine")
	return ""
}

// startHAProxy leads to the node whose Patroni says that it is the primary, and cuts what is open to one that no longer
// is: as Patroni's documentation shows it, with shorter pauses.
func (p *Patroni) startHAProxy() {
	p.tb.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `global
  maxconn 400
defaults
  mode tcp
  timeout connect 4s
  timeout client 30m
  timeout server 30m
  timeout check 2s
listen primary
  bind 127.0.0.1:%d
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
`, p.port)
	for _, n := range p.nodes {
		fmt.Fprintf(&b, "  server %s 127.0.0.1:%d check port %d\n", n.name, n.port, n.rest)
	}
	p.write("haproxy.cfg", []byte(b.String()))
	program, err := exec.LookPath("haproxy")
	if err != nil {
		program = "/usr/sbin/haproxy" // Debian's, where an ordinary user's PATH does not lead
	}
	p.ends(p.start("haproxy", program, "-db", "-f", "haproxy.cfg"))
}

// keep starts the Patroni of a node, which starts its server.
func (p *Patroni) keep(n *node) {
	p.tb.Helper()
	n.patroni = p.start(n.name, "patroni", n.name+".json")
}

// kill ends a node's Patroni and its server at once.
func (p *Patroni) kill(n *node) {
	p.tb.Helper()
	_ = n.patroni.Process.Kill()
	_ = n.patroni.Wait()
	// What a server left behind that is gone may name a process of somebody else's.
	if _, err := os.Stat(filepath.Join(n.folder, "postmaster.pid")); err != nil {
		return
	}
	runs, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", postmaster(p.tb, n.folder)))
	if err == nil && strings.Contains(string(runs), n.folder) {
		killServer(p.tb, n.folder)
	}
}

// URL is the address of the leader, whoever it is, password included.
func (p *Patroni) URL() string {
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", p.password), Path: "postgres", RawQuery: "sslmode=disable",
		Host: fmt.Sprintf("127.0.0.1:%d", p.port),
	}
	return address.String()
}

// members are the nodes as the first Patroni that knows says; nil where none does.
func (p *Patroni) members() []member {
	for _, n := range p.nodes {
		var said struct{ Members []member }
		if p.ask(n, http.MethodGet, "/cluster", nil, &said) == nil && len(said.Members) > 0 {
			return said.Members
		}
	}
	return nil
}

// ask calls a node's Patroni.
func (p *Patroni) ask(n *node, method, path string, body any, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.tb.Context(), 30*time.Second)
	defer cancel()
	address := fmt.Sprintf("http://127.0.0.1:%d%s", n.rest, path)
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(text))
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("patroni answered %d", answer.StatusCode)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// named is the node that has a role; nil where none has it and runs.
func (p *Patroni) named(role string) *node {
	for _, m := range p.members() {
		for _, n := range p.nodes {
			if m.Name == n.name && m.Role == role && (m.State == "running" || m.State == "streaming") {
				return n
			}
		}
	}
	return nil
}

// whole waits until all three are in their roles and the leader takes writes by the address.
func (p *Patroni) whole() {
	p.tb.Helper()
	require.Eventually(p.tb, func() bool {
		return p.named("leader") != nil && p.named("sync_standby") != nil && p.named("replica") != nil && p.writes()
	}, 2*time.Minute, 200*time.Millisecond, "three nodes in their roles")
}

// writes says whether the address leads to a server that takes writes.
func (p *Patroni) writes() bool {
	ctx, cancel := context.WithTimeout(p.tb.Context(), 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.URL())
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close(ctx) }()
	var follows bool
	return conn.QueryRow(ctx, "select pg_is_in_recovery()").Scan(&follows) == nil && !follows
}

// succeeded waits until another than a node leads and takes writes.
func (p *Patroni) succeeded(before *node) {
	p.tb.Helper()
	require.Eventually(p.tb, func() bool {
		now := p.named("leader")
		return now != nil && now != before && p.writes()
	}, 2*time.Minute, 200*time.Millisecond, "another leads")
}

// KillLeader ends the leader's machine at once. It returns when another leads; the machine comes back, and all are in
// their roles again.
func (p *Patroni) KillLeader() {
	p.tb.Helper()
	leader := p.named("leader")
	p.kill(leader)
	p.succeeded(leader)
	p.keep(leader)
	p.whole()
}

// CutOffLeader takes etcd from the leader's Patroni, which is to give up its place while its server is well and can be
// reached. It returns when another leads; the way is mended, and all are in their roles again.
func (p *Patroni) CutOffLeader() {
	p.tb.Helper()
	leader := p.named("leader")
	etcd := leader.etcd.Target()
	leader.etcd.MoveTo("127.0.0.1:1") // nobody is there
	leader.etcd.Stall()
	p.succeeded(leader)
	leader.etcd.MoveTo(etcd)
	leader.etcd.Cut()
	p.whole()
}

// SwitchOver has the synchronous standby take the leader's place, as an operator does before work on a machine.
func (p *Patroni) SwitchOver() {
	p.tb.Helper()
	leader, next := p.named("leader"), p.named("sync_standby")
	body := map[string]string{"leader": leader.name, "candidate": next.name}
	require.NoError(p.tb, p.ask(leader, http.MethodPost, "/switchover", body, nil))
	p.succeeded(leader)
	p.whole()
}
