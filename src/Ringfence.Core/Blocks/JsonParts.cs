using System.Text.Json;

namespace Ringfence.Core.Blocks;

/// <summary>Members of what another program printed as JSON, whatever kind of value stands there.</summary>
internal static class JsonParts
{
    /// <exception cref="JsonException">A name of a member is no Unicode.</exception>
    public static JsonElement? Member(JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a name that is no Unicode", e);
        }
    }

    /// <returns>The text; "" where there is none.</returns>
    /// <inheritdoc cref="Text(JsonElement)" path="/exception"/>
    public static string Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? Text(text) : "";

    /// <summary>JSON holds bytes that are no UTF-8, and halves of surrogate pairs, until somebody asks for the text.</summary>
    /// <exception cref="JsonException">It is no Unicode.</exception>
    public static string Text(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text that is no Unicode", e);
        }
    }
}
