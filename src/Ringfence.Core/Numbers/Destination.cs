namespace Ringfence.Core.Numbers;

/// <summary>Where a call goes: what was dialled is to the site that it is dialled at, and what it costs.</summary>
/// <remarks>One object for all calls to a number: a call is handed on many times, and as it lies in memory half of it was this (bench/backtest).</remarks>
internal sealed record Destination(DialledNumber Dialled, Price Price)
{
    public static readonly Destination None = new(default, default);
}
