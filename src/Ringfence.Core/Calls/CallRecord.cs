namespace Ringfence.Core.Calls;

/// <summary>One call, as a CDR tells it.</summary>
/// <param name="Start">Seconds since 1970, UTC.</param>
/// <param name="Seconds">From the first ring to the end.</param>
/// <param name="Billed">Seconds from the answer to the end; 0 where nobody answered.</param>
/// <param name="Source">Who calls: the endpoint of the calling channel ("1009" of "PJSIP/1009-00000010"); of a call from outside the trunk.</param>
/// <param name="Caller">What the caller says his number is.</param>
/// <param name="Dialled">What he dialled, as the dialplan has it.</param>
/// <param name="Sent">The number that was sent to the other side, as to a trunk; "" where none was: another extension was called, or nobody.</param>
/// <param name="Trunk">The endpoint that was called: a trunk or another extension; "" where none was.</param>
/// <param name="AccountCode">"" for none.</param>
/// <param name="Id">The channel's unique id, or where the file has none its name; "" where it has neither.</param>
/// <param name="Did">The number of the site that was called; "" where nothing says so.</param>
/// <param name="IsLocal">The calling channel is the dialplan's own (Local): somebody's call goes on, forwarded or by a follow-me.</param>
/// <param name="IsAddress">What was sent stands in an address that Dial was given (<see cref="ChannelName.IsAddress"/>): of a phone it is the phone's own.</param>
internal readonly record struct CallRecord(
    long Start, int Seconds, int Billed, bool IsAnswered, string Source, string Caller, string Dialled, string Sent, string Context, string Trunk, string AccountCode, string Id,
    string Did = "", bool IsLocal = false, bool IsAddress = false)
{
    public long End => Start + Seconds;
}
