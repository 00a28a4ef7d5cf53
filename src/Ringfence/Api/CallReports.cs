using System.Text.Json.Serialization;

namespace Ringfence.Api;

// Live calls and the brake: GET /v1/calls, DELETE /v1/calls/stops/{number}; docs/json.md.

/// <summary>Calls to outside that go on, and what is stopped.</summary>
/// <param name="Mode">"enforce", or "observe": nothing is hung up and nothing refused.</param>
/// <param name="Currency">null: the operator gave none.</param>
/// <param name="Cost">What the calls that go on came to.</param>
/// <param name="PerMinute">What a minute of all of them costs.</param>
/// <param name="Problem">Why calls are not known, or not hung up, for people; null: all is well.</param>
internal sealed record LiveCallsReport(
    DateTimeOffset Now, string Mode, string? Currency, IReadOnlyList<LiveCallReport> Calls, decimal Cost, decimal PerMinute, IReadOnlyList<StopReport> Stops, string? Problem)
{
    /// <summary>Who tells of calls now: "live", the manager interface; "records", those of the PBX when a call is over; "none".</summary>
    public string Source { get; init; } = "live";

    /// <summary>The records that are followed.</summary>
    public IReadOnlyList<CallRecordsStatus> Records { get; init => field = value ?? []; } = [];

    /// <summary>What is less than it could be because it was set up so, for people; null: nothing.</summary>
    public string? Note { get; init; }
}

/// <summary>A place where the PBX keeps records of calls, as it is followed.</summary>
/// <param name="ReadAt">When it was last read to its end; null: not since start.</param>
/// <param name="Calls">Calls and calls in, since start, of which nobody had told while they went on.</param>
/// <param name="Unread">Records that could not be read.</param>
/// <param name="FirstMistake">The first of them: where, what was found, and what was expected; null: there is none.</param>
/// <param name="Problem">Why it can't be read now; null: it can.</param>
internal sealed record CallRecordsStatus(string Place, DateTimeOffset? ReadAt, long Calls, int Unread, string? FirstMistake, string? Problem);

/// <param name="Id">Unique id of the channel that dials.</param>
/// <param name="Caller">What it says its number is: anybody's text.</param>
/// <param name="Region">ISO 3166-1; null: not known.</param>
/// <param name="Origin">"phone", "forwarded" or "dialled_on".</param>
/// <param name="Seconds">Since it was answered; null: nobody answered yet.</param>
/// <param name="Cut">It is being hung up.</param>
internal sealed record LiveCallReport(
    string Id, string Extension, string Caller, string Number, string? Region, string Class, string Trunk, string Origin, DateTimeOffset Began, long? Seconds, decimal Cost, decimal PerMinute, bool Cut);

/// <summary>Calls that may not leave.</summary>
/// <param name="Number">What it is lifted by.</param>
/// <param name="Extension">"": everybody's.</param>
/// <param name="Region">"": to everywhere.</param>
/// <param name="Trunk">"": over all.</param>
/// <param name="State">"enforced", "observed", "over" or "lifted".</param>
/// <param name="Lost">What its calls had come to when it was made.</param>
/// <param name="Hung">How many calls it hung up, or would have.</param>
/// <param name="Evidence">For people, a line each: the calls that led to it.</param>
internal sealed record StopReport(
    int Number, DateTimeOffset From, DateTimeOffset Until, string State, string Rule, string Limit, string Extension, string Region, string Trunk, bool RiskyOnly, string Why, decimal Lost, int Hung, IReadOnlyList<string> Evidence)
{
    /// <summary>Only calls that came in at that number of the site; "": all.</summary>
    public string Did { get; init => field = value ?? ""; } = "";

    /// <summary>Only calls that came about so: "phone", "forwarded" or "dialled_on"; null: all.</summary>
    public string? Origin { get; init; }

    /// <summary>Not those to countries that the calling extension is used to.</summary>
    public bool NewOnly { get; init; }

    /// <summary>How often such calls were stopped, one time soon after the other; this one counts.</summary>
    public int Times { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>Calls that the gate refused because of it, and the last of them; null: none was. Some of the last ones a restart forgets.</summary>
    public int Refused { get; init; }

    /// <inheritdoc cref="Refused"/>
    public DateTimeOffset? RefusedAt { get; init; }

    /// <summary>When an operator lifted it; null: nobody did.</summary>
    public DateTimeOffset? LiftedAt { get; init; }

    /// <summary>What made it.</summary>
    public IReadOnlyList<StopLimit> Limits { get; init => field = value ?? []; } = [];
}

/// <summary>A limit that was reached.</summary>
/// <param name="Key">Whose calls it counted: "201", "201 SL", "" for the site's.</param>
/// <param name="Excused">So much of what it had counted was found right when the stop was lifted, in what the limit counts: millionths of money, calls or milliseconds; null: nobody lifted it, or all that the records told later.</param>
internal sealed record StopLimit(string Limit, string Key, long? Excused);

/// <summary>What <c>calls stops</c> prints.</summary>
internal sealed record StopsReport(DateTimeOffset Now, string Mode, string? Currency, IReadOnlyList<StopReport> Stops);

/// <summary>What <c>calls lift</c> did.</summary>
internal sealed record LiftReport(IReadOnlyList<StopReport> Lifted)
{
    /// <summary>Those that hold on, and may hold the same calls.</summary>
    public IReadOnlyList<StopReport> Left { get; init; } = [];
}

/// <summary>Of <see cref="StatusReport.Calls"/>.</summary>
/// <param name="Source">Who tells of calls now: "live", "records" (when they are over) or "none".</param>
/// <param name="Calls">To outside, that go on.</param>
/// <param name="Asked">Calls that a gate asked about since start.</param>
/// <param name="Denied">Those of them that may not leave; in mode "observe" they left all the same.</param>
/// <param name="Hung">Calls that were hung up since start, or would have been.</param>
/// <param name="Odd">Messages of the manager interface since start that were not whole, or held injected text: what they tell of is asked again.</param>
/// <param name="Records">Places of records that are followed.</param>
/// <param name="Learnt">What the site's records told of the time before the guard; null: they were not read yet.</param>
/// <param name="Note">What is less than it could be, for people; null: nothing.</param>
internal sealed record CallsStatus(
    string Mode, string? Currency, string Source, int Calls, decimal Cost, decimal PerMinute, int Stops, long Asked, long Denied, long Hung, long Odd, DateTimeOffset? LastEvent, IReadOnlyList<CallRecordsStatus> Records, CallsLearnt? Learnt, string? Note, string? Problem);

/// <summary>Of <see cref="CallsStatus.Learnt"/>.</summary>
/// <param name="Calls">To outside.</param>
/// <param name="From">When the first of them began; null: there is none.</param>
internal sealed record CallsLearnt(long Calls, DateTimeOffset? From);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcJson)])]
[JsonSerializable(typeof(IReadOnlyList<StopReport>))]
internal sealed partial class StopsJson : JsonSerializerContext;
