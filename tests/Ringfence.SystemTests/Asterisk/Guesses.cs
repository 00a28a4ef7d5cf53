using System.Text.Json;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A guesser of passwords who goes on until nobody answers him, and what must be known of him then.</summary>
internal static class Guesses
{
    /// <summary>Fewer than these must be enough for a ban.</summary>
    public const int Most = 20;

    /// <summary>What the preset office calls an attack.</summary>
    public const int Enough = 5;

    // After these few the guard would have had enough.
    private const int Few = 6;

    // A guess a millisecond would be over before the first ban after a start, which is compiled meanwhile; on a busy machine that takes a while.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LaterPause = TimeSpan.FromSeconds(2);

    /// <summary>Guesses a password of account 1001, one a request, each from a socket of its own.</summary>
    /// <param name="callId">How each Call-ID begins; "a)\xff" keeps Asterisk from writing a security event at all.</param>
    /// <returns>How many he made before the one that nobody answered.</returns>
    public static Task<int> UntilBannedAsync(AsteriskLab lab, GuardProcess guard, string source, SipTransport transport, CancellationToken stop, string callId = "")
        => UntilBannedAsync(
            async number =>
            {
                using var attacker = lab.Attack(source, transport);
                return await attacker.LogInAsync(new SipRequest("REGISTER", "1001") { CallId = callId + SipRequest.Fresh() }, $"guess{number}", stop, limit: SipClient.Silence) is not null;
            },
            () => guard.HasBannedAsync(source, stop), Pause, stop);

    /// <summary>Lets somebody guess until nobody answers him and he is banned: one answer that comes late on a busy machine is no ban.</summary>
    /// <param name="guess">Makes the guess of this number, from 0; whether it was answered.</param>
    /// <param name="isBanned">Whether the kernel bans him.</param>
    /// <param name="pause">Between the first few guesses; <see cref="Pause"/> if unset.</param>
    /// <returns>How many he made before the one that nobody answered; <see cref="Most"/> if all were, or he was not banned.</returns>
    public static async Task<int> UntilBannedAsync(Func<int, Task<bool>> guess, Func<Task<bool>> isBanned, TimeSpan? pause, CancellationToken stop)
    {
        for (var number = 0; number < Most; number++)
        {
            if (!await guess(number) && await isBanned())
            {
                return number;
            }

            await Task.Delay(number < Few ? pause ?? Pause : LaterPause, TimeProvider.System, stop);
        }

        return Most;
    }

    /// <summary>He alone is banned, by one decision, as soon as there was evidence enough, and all of it is wrong passwords that this source showed.</summary>
    public static async Task AssertBannedAsync(GuardProcess guard, string source, string proof, string log, CancellationToken stop)
    {
        using var why = await guard.AskJsonAsync(stop, "why", source);
        var evidence = Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray()).GetProperty("evidence").EnumerateArray().ToList();
        Assert.Equal(Enough, evidence.Count);
        Assert.All(evidence, piece => Assert.Equal((proof, "password_refused", log), (Text(piece, "proof"), Text(piece, "event"), Text(piece, "log"))));
        Assert.Equal([Address.Parse(source)!.Value.Subject], await guard.KernelBansAsync(stop));
    }

    private static string? Text(JsonElement piece, string name) => piece.GetProperty(name).GetString();
}
