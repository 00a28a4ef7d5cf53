using System.Text.Json;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A guesser of passwords who goes on until nobody answers him, and what must be known of him then.</summary>
internal static class Guesses
{
    private const int Most = 20;

    /// <summary>Guesses a password of account 1001, one a request, each from a socket of its own.</summary>
    /// <param name="callId">How each Call-ID begins; "a)\xff" keeps Asterisk from writing a security event at all.</param>
    /// <returns>How many were answered.</returns>
    public static async Task<int> UntilSilenceAsync(AsteriskLab lab, string source, SipTransport transport, CancellationToken stop, string callId = "")
    {
        for (var attempts = 0; attempts < Most; attempts++)
        {
            using var attacker = lab.Attack(source, transport);
            if (await attacker.LogInAsync(new SipRequest("REGISTER", "1001") { CallId = callId + SipRequest.Fresh() }, $"guess{attempts}", stop) is null)
            {
                return attempts;
            }

            // A guess a millisecond would be over before the first ban after a start, which is compiled meanwhile; on a busy machine that takes a while.
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, stop);
        }

        return Most;
    }

    /// <summary>He alone is banned, by one decision, and all of its evidence is wrong passwords that this source showed.</summary>
    public static async Task AssertBannedAsync(GuardProcess guard, string source, string proof, string log, CancellationToken stop)
    {
        using var why = await guard.AskJsonAsync(stop, "why", source);
        var evidence = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray()).GetProperty("evidence").EnumerateArray().ToList();
        Assert.NotEmpty(evidence);
        Assert.All(evidence, piece => Assert.Equal((proof, "password_refused", log), (Text(piece, "proof"), Text(piece, "event"), Text(piece, "log"))));
        Assert.Equal([Address.Parse(source)!.Value.Subject], await guard.KernelBansAsync(stop));
    }

    private static string? Text(JsonElement piece, string name) => piece.GetProperty(name).GetString();
}
