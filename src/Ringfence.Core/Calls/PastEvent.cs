using Ringfence.Core.Fraud;

namespace Ringfence.Core.Calls;

/// <summary>What a record of the past is to the engine: a call to outside or something else that it hears of.</summary>
/// <param name="At">Milliseconds since 1970: when it is to be told.</param>
/// <param name="Written">When its record was: its call's end.</param>
/// <param name="Call">Where <paramref name="Seen"/> is null.</param>
internal readonly record struct PastEvent(long At, long Written, PastCall Call, SiteEvent? Seen);

/// <summary>Gets what records tell. By reference: it is as long as four lines of a cache.</summary>
internal delegate void PastEventSink(in PastEvent one);
