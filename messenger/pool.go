package messenger

import (
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// mostConnect is how long one address of a database may take to be connected to, so that of two the second is reached
	// within a question's time.
	mostConnect = 2 * time.Second
	// mostPing is how long a connection that rested may take to show that it lives. Of those that a database left behind
	// some are found dead within a question's time.
	mostPing = time.Second
	// mostSilence is how long what was sent may stand without an answer of the other machine's system.
	mostSilence = 5 * time.Second
)

// ConfigurePool adds to the settings of a pool what has it notice soon that its database does not answer any more: a
// machine that lost its power, a firewall that forgot a connection, a failover. It returns config, and changes what
// would wait for longer: two seconds to connect to an address, one for a connection that rested to answer,
// keep-alives, and on Linux five seconds for what was sent to be taken (TCP_USER_TIMEOUT). Of several addresses it
// takes the one that can be written to. A DialFunc of your own belongs after it. Use it for every pool that Messenger
// and River work by.
func ConfigurePool(config *pgxpool.Config) *pgxpool.Config {
	connect := config.ConnConfig
	if connect.ConnectTimeout == 0 || connect.ConnectTimeout > mostConnect {
		connect.ConnectTimeout = mostConnect
	}
	if config.PingTimeout == 0 || config.PingTimeout > mostPing {
		config.PingTimeout = mostPing
	}
	connect.DialFunc = dialer().DialContext
	if connect.ValidateConnect == nil && severalAddresses(config) {
		connect.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return config
}

func severalAddresses(config *pgxpool.Config) bool {
	for _, other := range config.ConnConfig.Fallbacks {
		if other.Host != config.ConnConfig.Host || other.Port != config.ConnConfig.Port {
			return true
		}
	}
	return false
}

// dialer is how a connection to the database is made whose end is noticed.
func dialer() *net.Dialer {
	return &net.Dialer{
		Timeout:         mostConnect,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
		Control:         boundSilence,
	}
}

// poolFaults are what ConfigurePool would change of a pool.
func poolFaults(config *pgxpool.Config) string {
	var faults []string
	if config.ConnConfig.ConnectTimeout == 0 || config.ConnConfig.ConnectTimeout > 2*mostConnect {
		faults = append(faults, "connecting may take too long")
	}
	if config.PingTimeout == 0 || config.PingTimeout > 2*mostPing {
		faults = append(faults, "a connection that rested is waited for")
	}
	if config.ConnConfig.ValidateConnect == nil && severalAddresses(config) {
		faults = append(faults, "of several addresses one may be taken that can only be read")
	}
	return strings.Join(faults, "; ")
}
