namespace Ringfence.Core.Catalogue;

/// <param name="Text">What was expected: "expected yes or no; Asterisk takes it for no".</param>
internal sealed record ValueFault(ValueOutcome Outcome, string Text);

internal enum ValueOutcome
{
    /// <summary>The value is an error to Asterisk, and the object is lost.</summary>
    Refused,

    /// <summary>Asterisk takes it for something else, without a word.</summary>
    Misread,
}
