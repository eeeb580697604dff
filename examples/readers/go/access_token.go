// Package evertoken reads access tokens that Evertoken keeps fresh.
package evertoken

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

type token struct {
	AccessToken string `json:"access_token"`
	ExpiresAt   int64  `json:"expires_at"`
	readAgainAt int64
}

// Tokens needs a client: &evertoken.Tokens{Client: secretsmanager.NewFromConfig(config)}.
type Tokens struct {
	Client *secretsmanager.Client
	lock   sync.Mutex
	cache  map[string]token
}

// AccessToken answers with the token of a connection. After a 401, pass the token that was rejected; else "".
func (tokens *Tokens) AccessToken(ctx context.Context, name, rejected string) (string, error) {
	tokens.lock.Lock()
	defer tokens.lock.Unlock()
	now := time.Now().Unix()
	if cached := tokens.cache[name]; now < cached.readAgainAt && cached.AccessToken != rejected {
		return cached.AccessToken, nil
	}
	secretID := "evertoken/tokens/" + name
	answer, err := tokens.Client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &secretID})
	if err != nil {
		return "", err
	}
	var read token
	if err := json.Unmarshal([]byte(aws.ToString(answer.SecretString)), &read); err != nil {
		return "", fmt.Errorf("%s holds no token: %w", secretID, err)
	}
	if read.AccessToken == "" || read.ExpiresAt <= now {
		return "", fmt.Errorf("%s holds no token, or an expired one; see: evertoken status %s", secretID, name)
	}
	read.readAgainAt = min(read.ExpiresAt-60, now+300)
	if tokens.cache == nil {
		tokens.cache = map[string]token{}
	}
	tokens.cache[name] = read
	return read.AccessToken, nil
}
