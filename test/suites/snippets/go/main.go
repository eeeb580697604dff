// Runs the snippet, one command a line; see ../support/driver.ts.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"

	"example.com/evertoken"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		panic(err)
	}
	tokens := &evertoken.Tokens{
		Client:     secretsmanager.NewFromConfig(settings),
		Parameters: ssm.NewFromConfig(settings),
	}
	last := map[string]string{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command, name, _ := strings.Cut(lines.Text(), " ")
		rejected := ""
		if command == "rejected" {
			rejected = last[name]
		}
		token, err := tokens.AccessToken(ctx, name, rejected)
		if err != nil {
			fmt.Printf("error %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
			continue
		}
		last[name] = token
		fmt.Printf("token %x\n", sha256.Sum256([]byte(token)))
	}
}
