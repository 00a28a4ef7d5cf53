using Ringfence.Core.Pbx;

namespace Ringfence.Core.Fraud;

/// <summary>Calls that may not leave until it ends or is lifted.</summary>
/// <param name="Number">What an operator names it by.</param>
/// <param name="Extension">"" for everybody's.</param>
/// <param name="Region">The country; "" for all.</param>
/// <param name="Trunk">"" for all.</param>
/// <param name="RiskyOnly">Only risky destinations.</param>
/// <param name="Why">For people.</param>
internal sealed record CallStop(int Number, long From, long Until, string Limit, string Rule, string Extension, string Region, string Trunk, bool RiskyOnly, string Why)
{
    /// <summary>Only calls that came in at that number of the site; "": all.</summary>
    public string Did { get; init; } = "";

    /// <summary>Only calls that came about so; null: all.</summary>
    public CallOrigin? Origin { get; init; }

    /// <summary>Not those to countries that the calling extension is used to.</summary>
    public bool NewOnly { get; init; }

    /// <summary>How often such calls were stopped, one time soon after the other; this one counts.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Whose calls, for people: "1009's calls to SL".</summary>
    public string Subject
    {
        get
        {
            var destination = RiskyOnly ? "risky destinations" : "outside";
            return (Extension.Length == 0 ? "everybody" : Shown.Text(Extension)) + "'s calls to "
                + (Region.Length == 0 ? destination : RiskyOnly ? $"{destination} in {Region}" : Region)
                + (Trunk.Length == 0 ? "" : $" over {Shown.Text(Trunk)}")
                + (Did.Length == 0 ? "" : $" that came in at {Shown.Text(Did)}")
                + Origin switch { null => "", CallOrigin.Forwarded => ", forwarded ones alone", CallOrigin.DialledOn => ", alone those that somebody outside dials on", _ => ", alone those dialled at a phone" }
                + (NewOnly ? ", but where the caller calls as a rule" : "");
        }
    }

    /// <summary>Which calls it holds.</summary>
    public (string Extension, string Region, string Trunk, string Did, bool RiskyOnly, CallOrigin? Origin, bool NewOnly) What => (Extension, Region, Trunk, Did, RiskyOnly, Origin, NewOnly);

    public bool Holds(in CallAttempt attempt, long at, Standing standing) =>
        at < Until
        && (Extension.Length == 0 || Extension == attempt.Extension)
        && (Region.Length == 0 || Region == attempt.Number.Region)
        && (Trunk.Length == 0 || Trunk == attempt.Trunk)
        && (Did.Length == 0 || Did == attempt.Did)
        && (Origin is null || Origin == attempt.Origin)
        && (!NewOnly || standing != Standing.Known)
        && (!RiskyOnly || attempt.IsRisky);
}
