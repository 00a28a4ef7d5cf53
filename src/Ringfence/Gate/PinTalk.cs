using System.Globalization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;

namespace Ringfence.Gate;

/// <summary>Asks a caller for his PIN.</summary>
internal sealed class PinTalk(GateSettings settings, IGate gate, Pins pins, TimeProvider clock)
{
    // A talk holds a connection for as long as somebody types, and one phone may call many times at once.
    private const int MostTalks = 2;

    /// <summary>Three prompts and what is typed after each; whoever takes longer has given no PIN.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    private readonly Dictionary<(string Extension, bool IsStranger), int> _talks = [];

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <returns>Why the call does not leave; null: he gave it.</returns>
    /// <exception cref="AgiException">The caller has gone, or Asterisk can't ask him.</exception>
    public async Task<GateDecision?> AskAsync(AgiSession session, CallAttempt attempt, CancellationToken stop)
    {
        var (extension, isStranger) = (attempt.Extension, attempt.Origin != CallOrigin.Phone);
        var talk = (extension, isStranger);
        lock (_talks)
        {
            if (_talks.GetValueOrDefault(talk) >= MostTalks)
            {
                return GateDecision.Deny(GateDecision.Rejected, $"{MostTalks} calls of extension {extension} are asked for a PIN already");
            }

            _talks[talk] = _talks.GetValueOrDefault(talk) + 1;
        }

        try
        {
            return await TalkAsync(session, attempt, isStranger, stop);
        }
        finally
        {
            lock (_talks)
            {
                if (--_talks[talk] == 0)
                {
                    _talks.Remove(talk);
                }
            }
        }
    }

    private async Task<GateDecision?> TalkAsync(AgiSession session, CallAttempt attempt, bool isStranger, CancellationToken stop)
    {
        var extension = attempt.Extension;

        // Until he has given it, and whatever becomes of the talk: no verdict at all would be the dialplan's own to give, and it lets calls home through.
        foreach (var command in GateDecision.Deny(GateDecision.Rejected, "no PIN was given").Commands())
        {
            await session.DoAsync(command, stop);
        }

        if (!pins.Has(extension))
        {
            return GateDecision.Deny(GateDecision.Rejected, $"extension {extension} has no PIN");
        }

        // The dialplan's own limit is for a gate that does not answer; this one does, and waits for a person.
        await session.DoAsync(AgiCommand.SetVariable("TIMEOUT(absolute)", ((int)Longest.TotalSeconds).ToString(CultureInfo.InvariantCulture)), stop);

        // Keys of a phone whose call was not answered yet do not always arrive.
        await session.DoAsync(AgiCommand.Answer, stop);
        for (var time = 0; time < Pins.TriesOfCall; time++)
        {
            if (pins.LockedUntil(extension, isStranger, Now) is not null)
            {
                return GateDecision.Deny(GateDecision.Rejected, $"too many wrong PINs for extension {extension}");
            }

            var typed = await session.DoAsync(AgiCommand.GetData(settings.PinPrompt, Pins.TypingMilliseconds, PinBook.MostDigits), stop);
            if (typed.Result is "-1")
            {
                throw new AgiException($"the caller has gone, or Asterisk has no sound {settings.PinPrompt} (pin_prompt of [gate])");
            }

            // Who types nothing guesses nothing.
            if (typed.Result.Length == 0)
            {
                return GateDecision.Deny(GateDecision.Rejected, "no PIN was given");
            }

            if (pins.Try(extension, isStranger, typed.Result, Now))
            {
                return null;
            }

            gate.See(new SiteEvent(SiteEventKind.PinRefused, Now, extension, "", Origin: attempt.Origin));
        }

        return GateDecision.Deny(GateDecision.Rejected, $"a wrong PIN for extension {extension}");
    }
}
