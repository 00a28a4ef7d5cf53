using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Gate;

/// <summary>What the dialplan says of a call that is about to leave: the arguments of AGI(), each filtered there.</summary>
/// <param name="Id">The unique id of the channel.</param>
/// <param name="Channel">Its name, "PJSIP/201-0000001a".</param>
/// <param name="Dialled">The number as it was dialled.</param>
/// <param name="Sent">As the trunk gets it; "" where that is the same.</param>
/// <param name="Trunk">"" where the dialplan did not say.</param>
/// <param name="User">Whose call it is, where the channel does not tell: FreePBX's AMPUSER.</param>
/// <param name="Did">The number of the site that was called, of a call that came from outside.</param>
/// <param name="Caller">The number that the caller shows.</param>
/// <param name="AccountCode">"" for none.</param>
internal sealed record GateCall(string Id, string Channel, string Dialled, string Sent, string Trunk, string User, string Did, string Caller, string AccountCode)
{
    /// <summary>Of the order of the arguments; the first of them.</summary>
    public const string Version = "1";

    /// <returns>null: these are not the arguments of our dialplan, or of another version of it.</returns>
    public static GateCall? Of(IReadOnlyList<string> arguments) =>
        arguments is [Version, { Length: > 0 } id, var channel, var dialled, var sent, var trunk, var user, var did, var caller, var account] && !arguments.Any(static one => one.Any(char.IsControl))
            ? new GateCall(id, channel, dialled, sent, trunk, user, did, caller, account)
            : null;

    /// <summary>Who pays. A Local channel has the number that it calls in its name, and nobody's.</summary>
    public string Extension => Channel.StartsWith("Local/", StringComparison.OrdinalIgnoreCase) || ChannelName.Endpoint(Channel).IsEmpty ? User : User.Length > 0 && Did.Length > 0 ? User : ChannelName.Endpoint(Channel).ToString();

    public CallAttempt Attempt(long at, DiallingRules rules, NumberPlans plans, Tariff tariff)
    {
        return new CallAttempt(at, rules.Payer(Extension, Caller), Caller, Trunk, Did, AccountCode, Reading(rules, plans, tariff), Did.Length > 0 && !rules.IsInside(Extension) ? CallOrigin.Forwarded : CallOrigin.Phone);
    }

    // A dialplan may change a number on its way out (prefixes of carriers and routes). An emergency call is one in either form; else what costs more holds, for it is the one that fraud wants unseen.
    private Destination Reading(DiallingRules rules, NumberPlans plans, Tariff tariff)
    {
        var dialled = Priced(rules.Read(Dialled, plans, toTrunk: Sent.Length == 0 || Sent == Dialled, hasLine: false), tariff);
        if (Sent.Length == 0 || Sent == Dialled || dialled.Dialled.Kind == DialledKind.Emergency)
        {
            return dialled;
        }

        var sent = Priced(rules.Read(Sent, plans, toTrunk: true), tariff);
        return sent.Dialled.Kind == DialledKind.Emergency || Rank(sent) > Rank(dialled) ? sent : dialled;
    }

    // A carrier's own prefix makes nonsense of a number: what can be nobody's is not what is called. A short code that the dialplan makes a number of is that number.
    private static long Rank(Destination read) =>
        read.Dialled.Kind switch
        {
            DialledKind.Outside => read.Dialled.Number.IsValid ? 1 + read.Price.Rate.PerMinute : -1,
            DialledKind.Short => 0,
            _ => -2,
        };

    private static Destination Priced(in DialledNumber number, Tariff tariff) => new(number, tariff.For(number));
}
