using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>Logs in to the manager interface without sending the secret.</summary>
internal static class AmiLogin
{
    /// <param name="events">The classes of events that are wanted: "security", "call".</param>
    /// <exception cref="AmiException">Refused, or no manager interface.</exception>
    public static async Task DoAsync(AmiConnection connection, AmiSettings settings, string events, CancellationToken stop)
    {
        var challenged = await connection.AskAsync("Challenge", [("AuthType", "MD5")], stop);
        var challenge = Encoding.ASCII.GetString(AmiAnswer.Header(challenged, "Challenge: "u8));
        if (!AmiAnswer.IsSuccess(challenged) || challenge.Length == 0)
        {
            throw connection.NoAmi();
        }

        // The mask holds from the login on, so the first event may be the login's own (main/manager.c, authenticate).
        var login = await connection.AskAsync(
            "Login", [("AuthType", "MD5"), ("Username", settings.User!), ("Key", Key(challenge + settings.Secret)), ("Events", events)], stop);
        if (!AmiAnswer.IsSuccess(login))
        {
            throw new AmiException(
                $"AMI {settings.Manager}: login refused for user \"{settings.User}\"; check its secret, deny and permit in manager.conf against [ami], and that Asterisk has read it (asterisk -rx \"manager reload\")");
        }
    }

    private static string Key(string text)
    {
#pragma warning disable CA5351, RS0030 // AMI knows MD5 alone (AuthType), and the alternative is the secret in clear.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351, RS0030
    }
}
