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
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

type token struct {
	AccessToken string `json:"access_token"`
	Parameter   string `json:"parameter"`
	ExpiresAt   int64  `json:"expires_at"`
	ObtainedAt  int64  `json:"obtained_at"`
	readAgainAt int64
}

// Tokens needs two clients:
//
//	&evertoken.Tokens{Client: secretsmanager.NewFromConfig(config), Parameters: ssm.NewFromConfig(config)}
type Tokens struct {
	Client     *secretsmanager.Client
	Parameters *ssm.Client
	lock       sync.Mutex
	cache      map[string]token
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
	read, err := tokens.read(ctx, secretID)
	if err != nil {
		return "", err
	}
	if read.AccessToken == "" || read.ExpiresAt <= now {
		return "", fmt.Errorf("%s holds no token, or an expired one; see: evertoken status %s", secretID, name)
	}
	read.readAgainAt = min(read.ExpiresAt-min(60, (read.ExpiresAt-read.ObtainedAt)/10), now+300)
	if tokens.cache == nil {
		tokens.cache = map[string]token{}
	}
	tokens.cache[name] = read
	return read.AccessToken, nil
}

func (tokens *Tokens) read(ctx context.Context, secretID string) (token, error) {
	answer, err := tokens.Client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &secretID})
	if err != nil {
		return token{}, err
	}
	read, err := parse(secretID, answer.SecretString)
	if err != nil || read.AccessToken != "" || read.Parameter == "" {
		return read, err
	}
	// There a short-lived token lies.
	parameter := &ssm.GetParameterInput{Name: &read.Parameter, WithDecryption: aws.Bool(true)}
	found, err := tokens.Parameters.GetParameter(ctx, parameter)
	if err != nil {
		return token{}, err
	}
	return parse(read.Parameter, found.Parameter.Value)
}

func parse(place string, text *string) (token, error) {
	var read token
	if err := json.Unmarshal([]byte(aws.ToString(text)), &read); err != nil {
		return read, fmt.Errorf("%s holds no token: %w", place, err)
	}
	return read, nil
}
