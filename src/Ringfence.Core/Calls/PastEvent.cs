using Ringfence.Core.Fraud;

namespace Ringfence.Core.Calls;

/// <summary>What a record of the past is to the engine: a call to outside or something else that it hears of.</summary>
/// <param name="Written">When its record was, in milliseconds since 1970: its call's end.</param>
/// <param name="Call">Where <paramref name="Seen"/> is null; else its id alone.</param>
internal readonly record struct PastEvent(long Written, PastCall Call, SiteEvent? Seen)
{
    /// <summary>When it is to be told.</summary>
    public long At => Seen?.At ?? Call.Attempt.At;
}

/// <summary>Gets what records tell. By reference: it is as long as two lines of a cache.</summary>
internal delegate void PastEventSink(in PastEvent one);
