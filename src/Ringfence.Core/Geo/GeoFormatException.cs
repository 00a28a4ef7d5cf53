namespace Ringfence.Core.Geo;

/// <summary>A database of countries is damaged, or none. The message says where in it and what was expected; whoever opened it adds its name.</summary>
internal sealed class GeoFormatException(string message) : Exception(message);
