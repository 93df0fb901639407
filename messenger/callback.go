package messenger

import (
	"context"
	"errors"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Callback takes what a provider called back with. Anybody may call it: the adapter of that name verifies the provider's own
// signature. Errors: CodeNotFound (no such name), CodeForbidden (not the provider's), CodeInvalid (can't be read).
func (m *Messenger) Callback(ctx context.Context, name string, request adapters.CallbackRequest) (adapters.Callback, error) {
	adapter, ok := m.Callbacks[name]
	if !ok {
		return adapters.Callback{}, notFound()
	}
	callback, err := adapter.Callback(request)
	switch {
	case errors.Is(err, adapters.ErrNotSignedIn):
		return adapters.Callback{}, fail(CodeForbidden, "This call is not signed by the provider.")
	case err != nil:
		m.Logger.WarnContext(ctx, "messenger: a callback can't be read", "name", name, "error", err)
		return adapters.Callback{}, invalid("body", "This call can't be read.")
	}
	return callback, nil
}
